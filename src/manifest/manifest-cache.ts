import type { ManifestFiles } from '../core/ports.ts';
import { sha256 } from '../core/sha256.ts';
import { loadBytes, readManifests, unreadable, type Loaded, type Manifests } from './read-all.ts';

/** A cache for manifests that are read repeatedly. */
export interface ManifestCache {
  /** Reads the files that may have changed, and parses only those whose bytes differ from the last time. */
  read(source: ManifestFiles): CachedManifest;
}

export interface CachedManifest {
  readonly manifests: Manifests;
  /** The hash or the error code of each file, by path. If two reads have equal maps, the manifests didn't change. */
  readonly contents: ReadonlyMap<string, string>;
  /** Number of files that were parsed. */
  readonly parsed: number;
}

interface Known {
  /** The file's stamp when it was read. Undefined if the file was too recent for a reliable stamp. */
  readonly stamp: string | undefined;
  /** Hash of its bytes, or the error that prevented reading them. */
  readonly content: string;
  readonly loaded: Loaded;
}

export function openManifestCache(): ManifestCache {
  let before: ReadonlyMap<string, Known> = new Map();
  return {
    read: (source) => {
      const now = new Map<string, Known>();
      let parsed = 0;

      const readCached = (file: string): Known => {
        const known = before.get(file);
        // The stamp is taken before the file is read, so that a concurrent change gives another stamp next time.
        const stamp = source.stamp?.(file);
        if (stamp !== undefined && known?.stamp === stamp) return known;
        const read = source.read(file);
        // A read error can disappear without a change to the file, so it isn't cached.
        if ('code' in read) return { stamp: undefined, content: read.code, loaded: unreadable(file, read) };
        const content = sha256(read.bytes);
        if (known?.content === content) return { ...known, stamp };
        parsed += 1;
        return { stamp, content, loaded: loadBytes(read.bytes, file) };
      };

      const contents = new Map<string, string>();
      const manifests = readManifests(listed(source, contents), (file) => {
        const known = readCached(file);
        now.set(file, known);
        contents.set(file, known.content);
        return known.loaded;
      });
      // Keeps only the current files, so that a long session doesn't accumulate renamed ones.
      before = now;
      return { manifests, contents, parsed };
    },
  };
}

/** Returns a source that also adds problems with listing files to `contents`. */
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
