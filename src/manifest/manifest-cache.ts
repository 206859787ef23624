import type { ManifestFiles } from '../core/ports.ts';
import { sha256 } from '../core/sha256.ts';
import { loadBytes, readManifests, unreadable, type Loaded, type Manifests } from './read-all.ts';

/** Manifests that are read again and again. */
export interface ManifestCache {
  /** Reads the files that may have changed, and parses those alone whose bytes are not those of the last time. */
  read(source: ManifestFiles): CachedManifest;
}

export interface CachedManifest {
  readonly manifests: Manifests;
  /** What stands in each file: two readings differ where this does. */
  readonly contents: ReadonlyMap<string, string>;
  /** How many files were parsed. */
  readonly parsed: number;
}

interface Known {
  /** Undefined where the file was too young to have one that says something. */
  readonly stamp: string | undefined;
  /** Of its bytes, or why they can't be read. */
  readonly content: string;
  readonly loaded: Loaded;
}

export function openManifestCache(): ManifestCache {
  let before: ReadonlyMap<string, Known> = new Map();
  return {
    read: (source) => {
      const now = new Map<string, Known>();
      let parsed = 0;

      const look = (file: string): Known => {
        const known = before.get(file);
        // Asked before the file is read: what changes in between has another one by the next time.
        const stamp = source.stamp?.(file);
        if (stamp !== undefined && known?.stamp === stamp) return known;
        const read = source.read(file);
        // What can't be read now may be readable in a moment, with nobody writing to it.
        if ('code' in read) return { stamp: undefined, content: read.code, loaded: unreadable(file, read) };
        const content = sha256(read.bytes);
        if (known?.content === content) return { ...known, stamp };
        parsed += 1;
        return { stamp, content, loaded: loadBytes(read.bytes, file) };
      };

      const contents = new Map<string, string>();
      const manifests = readManifests(listed(source, contents), (file) => {
        const known = look(file);
        now.set(file, known);
        contents.set(file, known.content);
        return known.loaded;
      });
      // Only what stands there now is remembered: a day of saves and renames leaves nothing behind.
      before = now;
      return { manifests, contents, parsed };
    },
  };
}

/** The same source, with what its listing complains of among the contents. */
function listed(source: ManifestFiles, contents: Map<string, string>): ManifestFiles {
  return {
    ...source,
    list: () => {
      const found = source.list();
      for (const { file = '', code } of found.problems) contents.set(file, code);
      for (const folder of found.missing) contents.set(folder, 'missing');
      return found;
    },
  };
}
