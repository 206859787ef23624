import { basename, dirname, join, relative, sep } from 'node:path';
import { watch as chokidar } from 'chokidar';
import { openDebounce } from './debounce.ts';

/** Absolute paths. */
export interface Watched {
  /** A folder that exists: whatever is missing below it is waited for. */
  readonly base: string;
  /** Everything below them, but for what is hidden; they need not exist. */
  readonly folders: readonly string[];
  /** Single files; they need not exist. */
  readonly files: readonly string[];
}

export interface FileWatchOptions extends Watched {
  /** Something is being saved. */
  readonly touched: () => void;
  /** It is time to look: the burst has ended. Whether anything differs is for whoever looks. */
  readonly settled: () => void;
  /** Not everything can be watched, for this reason of the system's. */
  readonly failed: (cause: Error) => void;
}

export interface FileWatch {
  /** Resolves once it watches. */
  readonly ready: Promise<void>;
  /** Files that somebody has found: their folders are watched from now on, also where they were overlooked. */
  found(files: readonly string[]): void;
  close(): Promise<void>;
}

/**
 * Says when it is worth looking at the files. It says so too often rather than too seldom: whatever chokidar tells counts, and so
 * does every event of the system below it, since chokidar leaves out a second save of a file within 50 ms. It overlooks a folder
 * that is made while the one above is being read, so whoever looks says what was found.
 */
export function watchFiles({ touched, settled, failed, ...watched }: FileWatchOptions): FileWatch {
  const { base, folders } = watched;
  const burst = openDebounce({ touched, settled });
  const { isOurs, roots } = scopeOf(watched);
  const watcher = chokidar([...roots], {
    ignored: (path) => !isOurs(path),
    followSymlinks: false,
    ignorePermissionErrors: true,
    // Its way of hiding a rename dance would wait for 100 ms; a burst is waited for here.
    atomic: false,
  });
  watcher.on('error', (cause) => failed(cause instanceof Error ? cause : new Error(String(cause))));
  const known = new Set<string>();
  let ready = false;
  watcher.on('addDir', (path) => known.add(path));
  watcher.on('unlinkDir', (path) => known.delete(path));
  watcher.on('all', () => {
    if (ready) burst.touch();
  });
  watcher.on('raw', (_, name: string | null, about) => {
    if (isOurs(pathOf(name, (about as { readonly watchedPath: string }).watchedPath))) burst.touch();
  });
  const isReady = new Promise<void>((resolve) => {
    watcher.once('ready', () => {
      ready = true;
      resolve();
      take(waiting);
    });
  });
  let waiting: readonly string[] = [];
  const take = (files: readonly string[]): void => {
    const overlooked = topmost(new Set(files.flatMap((file) => foldersAbove(file, base, folders))), known);
    if (overlooked.length === 0) return;
    for (const folder of overlooked) known.add(folder);
    watcher.add([...overlooked]);
    // Something may have been saved there before.
    burst.touch();
  };
  return {
    ready: isReady,
    // Before it has read every folder, each would seem to be overlooked.
    found: (files) => {
      if (ready) take(files);
      else waiting = files;
    },
    close: async () => {
      burst.close();
      await watcher.close();
    },
  };
}

/** The folders down to the file: from the base on, or from a watched one that stands elsewhere. */
function foldersAbove(file: string, base: string, folders: readonly string[]): readonly string[] {
  const isBelow = (path: string): boolean =>
    path.startsWith(base + sep) || folders.some((folder) => path === folder || path.startsWith(folder + sep));
  const above: string[] = [];
  for (let path = dirname(file); isBelow(path); path = dirname(path)) above.push(path);
  return above;
}

/** Those that are not known, but for what lies below another of them: a folder is watched with all that is in it. */
function topmost(paths: ReadonlySet<string>, known: ReadonlySet<string>): readonly string[] {
  const unknown = new Set([...paths].filter((path) => !known.has(path)));
  return [...unknown].filter((path) => !unknown.has(dirname(path)));
}

/** The system names a file within the folder that is watched, or the file that is. */
function pathOf(name: string | null, watchedPath: string): string {
  return name === null || basename(watchedPath) === name ? watchedPath : join(watchedPath, name);
}

/**
 * What is looked at below which roots. A file that is replaced whole, and a folder that is deleted and made again, are seen only
 * from the folder above, so all of those from the base down are watched, with everything else in them left out.
 */
function scopeOf({ base, folders, files }: Watched): {
  readonly roots: ReadonlySet<string>;
  readonly isOurs: (path: string) => boolean;
} {
  const exact = new Set([...folders, ...files]);
  const roots = new Set([...exact].map((path) => (path.startsWith(base + sep) ? base : dirname(path))));
  const isOurs = (path: string): boolean => {
    if (exact.has(path) || roots.has(path) || [...exact].some((each) => each.startsWith(path + sep))) return true;
    return folders.some((folder) => path.startsWith(folder + sep) && !isHidden(relative(folder, path)));
  };
  return { roots, isOurs };
}

/** Hidden files, and what editors leave beside a file while it is open: no manifest is named so. */
function isHidden(path: string): boolean {
  return path.split(sep).some((name) => name.startsWith('.') || name.startsWith('~'));
}
