import type { DesiredConnection, Key } from '../core/connection.ts';
import { problem, type Problem } from '../core/diagnostic.ts';
import type { ManifestFiles } from '../core/ports.ts';
import { combine, decodeText, loadManifest, type LoadedFile } from './load.ts';

/** What a set of manifests says, and everything that is wrong with it. */
export interface Manifests {
  /** Only documents without an error; where any is left, nothing is planned from the rest. */
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  /** Documents with an error whose identity is right all the same. */
  readonly broken: readonly { readonly key: Key; readonly file: string }[];
  /** Every problem of every file. */
  readonly problems: readonly Problem[];
  /** Numbers of files and of documents that were read. */
  readonly manifests: number;
  readonly connections: number;
  /** Folders that do not exist. */
  readonly missing: readonly string[];
}

/** What a file says, or why nobody can tell. */
export type Loaded = LoadedFile | { readonly problem: Problem };
/** How a file becomes what it says: by reading it, or from what is remembered of it. */
export type LoadFile = (file: string, source: ManifestFiles) => Loaded;

/**
 * Reads every manifest, each file once. A broken file hides nothing in another, and none makes it throw: `problems` has
 * everything that is wrong, with its place. What the source throws is thrown on.
 */
export function readManifests(source: ManifestFiles, load: LoadFile = loadFile): Manifests {
  const { files, problems: found, missing } = source.list();
  const unread: Problem[] = [...found];
  const loaded: LoadedFile[] = [];
  for (const file of files) {
    const one = load(file, source);
    if ('problem' in one) unread.push(one.problem);
    else loaded.push(one);
  }
  const combined = combine(loaded);
  return { ...combined, problems: [...unread, ...combined.problems], manifests: files.length, missing };
}

function loadFile(file: string, source: ManifestFiles): Loaded {
  const read = source.read(file);
  return 'code' in read ? unreadable(file, read) : loadBytes(read.bytes, file);
}

export function unreadable(
  file: string,
  { code, message, hint }: Extract<ReturnType<ManifestFiles['read']>, { readonly code: string }>,
): Loaded {
  return { problem: problem(code, message, { file, line: 1, column: 1, hint }) };
}

export function loadBytes(bytes: Uint8Array, file: string): Loaded {
  const decoded = decodeText(bytes, file);
  return 'problem' in decoded ? decoded : loadManifest(decoded.text, file);
}
