import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface Found {
  /** The name of the secret. */
  readonly secret: string;
  readonly form: 'plain' | 'base64' | 'url' | 'hex';
  /** A file, or the name of a stream. */
  readonly where: string;
}

/** Shorter pieces of base64 occur in other text by chance. */
const SHORTEST = 8;

/** Searches files, folders and streams for secrets and their encoded forms. */
export function grepFor(
  secrets: Readonly<Record<string, string>>,
  streams: Readonly<Record<string, string>>,
  ...paths: readonly string[]
): readonly Found[] {
  const texts: (readonly [string, string])[] = [
    ...Object.entries(streams),
    // In latin1 every byte is one character, so binary data is kept.
    ...paths.flatMap(filesIn).map((file) => [file, readFileSync(file, 'latin1')] as const),
  ];
  return Object.entries(secrets).flatMap(([secret, value]) =>
    formsOf(value).flatMap(([form, needle]) =>
      texts.filter(([, text]) => text.includes(needle)).map(([where]): Found => ({ secret, form, where })),
    ),
  );
}

function formsOf(secret: string): readonly (readonly [Found['form'], string])[] {
  const url = encodeURIComponent(secret);
  const hex = Buffer.from(secret).toString('hex');
  const all: (readonly [Found['form'], string])[] = [
    ['plain', secret],
    ...base64Forms(secret).map((text) => ['base64', text] as const),
    ...(url === secret ? [] : [['url', url] as const]),
    ['hex', hex],
    ['hex', hex.toUpperCase()],
  ];
  return all.filter(([form, text]) => text.length >= (form === 'base64' ? SHORTEST : 1));
}

/**
 * Returns the part that every base64 text with this secret contains. Three bytes become four characters, so the
 * result depends on the number of preceding bytes. The characters at either end that depend on the surrounding bytes
 * are left out.
 */
function base64Forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    const core = encoded.slice(first, last);
    const urlSafe = core.replaceAll('+', '-').replaceAll('/', '_');
    return core === urlSafe ? [core] : [core, urlSafe];
  });
}

function filesIn(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
