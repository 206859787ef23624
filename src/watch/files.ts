import { basename, dirname, join, relative, sep } from 'node:path';
import { watch as chokidar } from 'chokidar';
import { openDebounce } from './debounce.ts';

/** The files and folders to watch, as absolute paths. */
export interface Watched {
  /** A folder that exists. If watched folders below it are missing, the watcher waits for them to appear. */
  readonly base: string;
  /** Everything in these folders is watched, except hidden files. They need not exist. */
  readonly folders: readonly string[];
  /** Single files to watch. They need not exist. */
  readonly files: readonly string[];
}

export interface FileWatchOptions extends Watched {
  /** Called when a burst of saves starts. */
  readonly touched: () => void;
  /** Called when a burst has ended. Files may or may not have changed. */
  readonly settled: () => void;
  /** Called with the system's error if not everything can be watched. */
  readonly failed: (cause: Error) => void;
}

export interface FileWatch {
  /** Resolves when the watcher is active. */
  readonly ready: Promise<void>;
  /** Starts to watch the folders of these files, if the watcher has missed those folders. */
  watchFoldersOf(files: readonly string[]): void;
  close(): Promise<void>;
}

/**
 * Watches files and reports when they may have changed. A false alarm is harmless, but a missed change is not. So it
 * uses both chokidar's events and the raw system events, because chokidar ignores a second save of a file within 50
 * ms. Chokidar also misses folders that are created while their parent is being read, so the caller passes the files
 * it found to `watchFoldersOf`.
 */
export function watchFiles({ touched, settled, failed, ...watched }: FileWatchOptions): FileWatch {
  const { base, folders } = watched;
  const burst = openDebounce({ touched, settled });
  const { isOurs, roots } = scopeOf(watched);
  const watcher = chokidar([...roots], {
    ignored: (path) => !isOurs(path),
    followSymlinks: false,
    ignorePermissionErrors: true,
    // Chokidar's own handling of atomic saves delays events by 100 ms, and `openDebounce` already covers them.
    atomic: false,
  });
  watcher.on('error', (cause) => failed(cause instanceof Error ? cause : new Error(String(cause))));
  const watchedFolders = new Set<string>();
  let ready = false;
  watcher.on('addDir', (path) => watchedFolders.add(path));
  watcher.on('unlinkDir', (path) => watchedFolders.delete(path));
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
      watchOverlooked(waiting);
    });
  });
  let waiting: readonly string[] = [];
  const watchOverlooked = (files: readonly string[]): void => {
    const overlooked = topmost(new Set(files.flatMap((file) => foldersAbove(file, base, folders))), watchedFolders);
    if (overlooked.length === 0) return;
    for (const folder of overlooked) watchedFolders.add(folder);
    watcher.add([...overlooked]);
    // A file in these folders may have been saved before they were watched.
    burst.touch();
  };
  return {
    ready: isReady,
    // Before the first scan is complete, every folder would look missed, so the files wait until then.
    watchFoldersOf: (files) => {
      if (ready) watchOverlooked(files);
      else waiting = files;
    },
    close: async () => {
      burst.close();
      await watcher.close();
    },
  };
}

/** Returns the folders above a file, up to the base or up to a watched folder outside the base. */
function foldersAbove(file: string, base: string, folders: readonly string[]): readonly string[] {
  const isBelow = (path: string): boolean =>
    path.startsWith(base + sep) || folders.some((folder) => path === folder || path.startsWith(folder + sep));
  const above: string[] = [];
  for (let path = dirname(file); isBelow(path); path = dirname(path)) above.push(path);
  return above;
}

/** Returns the unwatched folders without their subfolders, because a folder is watched with everything in it. */
function topmost(paths: ReadonlySet<string>, watched: ReadonlySet<string>): readonly string[] {
  const unknown = new Set([...paths].filter((path) => !watched.has(path)));
  return [...unknown].filter((path) => !unknown.has(dirname(path)));
}

/** Returns the path of a raw event. The name is relative to the watched folder, or it is the watched file itself. */
function pathOf(name: string | null, watchedPath: string): string {
  return name === null || basename(watchedPath) === name ? watchedPath : join(watchedPath, name);
}

/**
 * Returns the roots to watch and a filter for the paths below them. The parent folder must be watched too, because
 * only its events show that a file was replaced or that a folder was deleted and created again. The filter ignores
 * everything in the roots that isn't watched and doesn't lead to a watched path.
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

/** Reports whether a path is hidden or an editor's temporary file. Such files are never manifests. */
function isHidden(path: string): boolean {
  return path.split(sep).some((name) => name.startsWith('.') || name.startsWith('~'));
}
