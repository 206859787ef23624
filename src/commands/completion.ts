import type { Command } from 'commander';
import { candidatesFor } from '../completion/candidates.ts';
import { recordedKeys } from '../completion/recorded-keys.ts';
import { SCRIPTS, unquoted } from '../completion/scripts.ts';
import type { Shell } from '../completion/shells.ts';
import { CODES } from '../core/codes.ts';
import type { ExitCode } from '../core/diagnostic.ts';
import { escapeControl } from '../core/escape-control.ts';
import { SITES } from '../datadog/site.ts';
import { readManifestBytes } from '../files/read.ts';
import { LOCAL_SITE } from '../session/destination.ts';
import { findInputs, withLocalLockfile } from '../session/workspace.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Prints what makes a shell complete. */
export async function printCompletion(shell: Shell, runtime: Runtime): Promise<ExitCode> {
  runtime.stdout.write(SCRIPTS[shell]);
  return 0;
}

/** Answers a shell at a tab. Whatever is wrong, it is silent: there is no place for a message in the middle of a line. */
export async function complete(
  shell: Shell,
  typed: readonly string[],
  program: Command,
  runtime: Runtime,
): Promise<ExitCode> {
  // Only bash hands words over as they were typed.
  const words = shell === 'bash' ? typed.map(unquoted) : typed;
  const { values, paths = 'nothing' } = candidatesFor(program, words, (placeholder) =>
    valuesOf(placeholder, words, runtime),
  );
  const lines = values.flatMap(({ value, about }) => {
    // A line is a candidate: one that would break it, or move the cursor, is not offered.
    if (escapeControl(value) !== value) return [];
    return shell === 'bash' || about === undefined ? value : `${value}\t${about}`;
  });
  runtime.stdout.write([paths, ...lines, ''].join('\n'));
  return 0;
}

function valuesOf(placeholder: string, words: readonly string[], runtime: Runtime): readonly string[] {
  switch (placeholder) {
    case 'code':
      return Object.keys(CODES);
    case 'site':
      return [...SITES, LOCAL_SITE];
    case 'key':
    case 'keys':
    case 'glob':
      return keysIn(words, runtime);
    case 'entity':
      return [...new Set(keysIn(words, runtime).map((key) => key.split('/', 1)[0] ?? ''))];
    default:
      return [];
  }
}

/** The keys of the lockfile that the line is about; none where it is missing or can not be read. */
function keysIn(words: readonly string[], runtime: Runtime): readonly string[] {
  try {
    const dir = given('--dir', words);
    const lockfile = given('--lockfile', words).at(-1);
    const flags = {
      maxFiles: 1,
      ...(dir.length === 0 ? {} : { dir }),
      ...(lockfile === undefined ? {} : { lockfile }),
    };
    const found = findInputs(flags, runtime);
    const isLocal = (given('--site', words).at(-1) ?? found.settings.site) === LOCAL_SITE;
    const { path } = (isLocal ? withLocalLockfile(found, flags, runtime) : found).lockfile;
    // Not `readFile`: at a pipe it would wait for ever.
    const read = readManifestBytes(path, LARGEST);
    return 'bytes' in read ? recordedKeys(new TextDecoder().decode(read.bytes)) : [];
  } catch {
    return [];
  }
}

/** Bytes of a lockfile. */
const LARGEST = 64 * 1024 * 1024;

/** The values that a flag has on the line so far. */
function given(flag: string, words: readonly string[]): readonly string[] {
  return words.slice(0, -1).flatMap((word, index) => {
    if (word.startsWith(`${flag}=`)) return word.slice(flag.length + 1);
    if (word !== flag) return [];
    const next = words[index + 1] === '=' ? words[index + 2] : words[index + 1];
    return next ?? [];
  });
}
