import type { ManifestFiles } from '../core/ports.ts';
import { sha256 } from '../core/sha256.ts';
import { loadBytes, readManifests, type LoadBytes, type Manifests } from './read-all.ts';

/** Manifests that are read again and again. */
export interface ManifestMemory {
  /** Reads every file, and parses those alone whose bytes are not those of the last time. */
  read(source: ManifestFiles): Remembered;
}

export interface Remembered {
  readonly manifests: Manifests;
  /** What stands in each file: two readings differ where this does. */
  readonly contents: ReadonlyMap<string, string>;
  /** How many files were parsed. */
  readonly parsed: number;
}

interface Known {
  readonly digest: string;
  readonly loaded: ReturnType<LoadBytes>;
}

export function openMemory(): ManifestMemory {
  let before: ReadonlyMap<string, Known> = new Map();
  return {
    read: (source) => {
      const now = new Map<string, Known>();
      const contents = new Map<string, string>();
      let parsed = 0;
      const load: LoadBytes = (bytes, file) => {
        const digest = sha256(bytes);
        let known = before.get(file);
        if (known?.digest !== digest) {
          known = { digest, loaded: loadBytes(bytes, file) };
          parsed += 1;
        }
        now.set(file, known);
        contents.set(file, digest);
        return known.loaded;
      };
      const manifests = readManifests(watched(source, contents), load);
      // Only what stands there now is remembered: a day of saves and renames leaves nothing behind.
      before = now;
      return { manifests, contents, parsed };
    },
  };
}

/** The same source, with what can't be read, and what the listing complains of, among the contents. */
function watched(source: ManifestFiles, contents: Map<string, string>): ManifestFiles {
  return {
    list: () => {
      const listed = source.list();
      for (const { file = '', code } of listed.problems) contents.set(file, code);
      for (const folder of listed.missing) contents.set(folder, 'missing');
      return listed;
    },
    read: (file) => {
      const read = source.read(file);
      if ('code' in read) contents.set(file, read.code);
      return read;
    },
  };
}
