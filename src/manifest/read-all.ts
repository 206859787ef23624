import type { DesiredConnection, Key } from '../core/connection.ts';
import { problem, type Problem } from '../core/diagnostic.ts';
import type { ManifestFiles } from '../core/ports.ts';
import { combine, decodeText, loadManifest, type LoadedFile } from './load.ts';

/** What a set of manifests says, and everything that is wrong with it. */
export interface Manifests {
  /** Only documents without an error; where any is left, nothing is planned from the rest. */
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  /** Every problem of every file. */
  readonly problems: readonly Problem[];
  /** Numbers of files and of documents that were read. */
  readonly manifests: number;
  readonly connections: number;
  /** Folders that do not exist. */
  readonly missing: readonly string[];
}

/** What a file's bytes say, or that they are no text. */
export type LoadBytes = (bytes: Uint8Array, file: string) => LoadedFile | { readonly problem: Problem };

/**
 * Reads every manifest, each file once. A broken file hides nothing in another, and none makes it throw: `problems` has
 * everything that is wrong, with its place. What the source throws is thrown on.
 */
export function readManifests(source: ManifestFiles, load: LoadBytes = loadBytes): Manifests {
  const { files, problems: found, missing } = source.list();
  const unread: Problem[] = [...found];
  const loaded: LoadedFile[] = [];
  for (const file of files) {
    const read = source.read(file);
    if ('code' in read) {
      unread.push(problem(read.code, read.message, { file, line: 1, column: 1, hint: read.hint }));
      continue;
    }
    const one = load(read.bytes, file);
    if ('problem' in one) unread.push(one.problem);
    else loaded.push(one);
  }
  const combined = combine(loaded);
  return { ...combined, problems: [...unread, ...combined.problems], manifests: files.length, missing };
}

export function loadBytes(bytes: Uint8Array, file: string): ReturnType<LoadBytes> {
  const decoded = decodeText(bytes, file);
  return 'problem' in decoded ? decoded : loadManifest(decoded.text, file);
}
