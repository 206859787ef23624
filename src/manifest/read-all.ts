import type { DesiredConnection, Key } from '../core/connection.ts';
import { problem, type Problem } from '../core/diagnostic.ts';
import type { ManifestFiles } from '../core/ports.ts';
import { combine, decodeText, loadManifest, type LoadedFile } from './load.ts';

/** The connections of a set of manifests, and every problem found. */
export interface Manifests {
  /** Contains only documents without an error. If there is any error, connsync plans nothing. */
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  /** Documents with an error whose entity and id are valid. */
  readonly broken: readonly { readonly key: Key; readonly file: string }[];
  /** Every problem of every file. */
  readonly problems: readonly Problem[];
  /** Numbers of files and documents read. */
  readonly manifests: number;
  readonly connections: number;
  /** Manifest folders that do not exist. */
  readonly missing: readonly string[];
  /**
   * Paths that may contain manifests but were not read. If there are any, a missing manifest doesn't mean it was
   * deleted.
   */
  readonly unread: readonly string[];
}

/** The contents of a file, or the problem that prevented reading it. */
export type Loaded = LoadedFile | { readonly problem: Problem };
/** Loads a file, from disk or from a cache. */
export type LoadFile = (file: string, source: ManifestFiles) => Loaded;

/**
 * Reads every manifest, each file once. `problems` has every problem with its position; an error in one file doesn't
 * hide the problems of another. Errors that the source throws are rethrown; no file makes this throw.
 */
export function readManifests(source: ManifestFiles, load: LoadFile = loadFile): Manifests {
  const { files, problems: listed, missing, unread = [] } = source.list();
  const failed: Problem[] = [...listed];
  const loaded: LoadedFile[] = [];
  for (const file of files) {
    const one = load(file, source);
    if ('problem' in one) failed.push(one.problem);
    else loaded.push(one);
  }
  const combined = combine(loaded);
  return {
    ...combined,
    problems: [...failed, ...combined.problems],
    manifests: files.length,
    missing,
    unread,
  };
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
