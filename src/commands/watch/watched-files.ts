import { realpathSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { problem, type Problem } from '../../core/diagnostic.ts';
import { watchFiles, type FileWatch } from '../../watch/files.ts';
import { SETTINGS_FILE, type Workspace } from '../../session/workspace.ts';

export interface WatchedFilesOptions {
  readonly cwd: string;
  /** Called when a file is being saved. */
  readonly touched: () => void;
  /** Called when the files may have changed and no save is in progress. */
  readonly settled: () => void;
  readonly onProblem: (problem: Problem) => void;
}

/** Watches the manifests, connsync.yaml, the lockfile and its journal. */
export class WatchedFiles {
  readonly #options: WatchedFilesOptions;
  /** All open file watchers. There can be several, because a new one opens before the previous one closes. */
  readonly #open = new Set<FileWatch>();
  #current: { readonly scope: string; readonly watch: FileWatch } | undefined;
  /** Maps each manifest folder, with a trailing slash, to its real path with links resolved. */
  #realFolders: ReadonlyMap<string, string> = new Map();

  constructor(options: WatchedFilesOptions) {
    this.#options = options;
  }

  /** Watches the files of this workspace instead of those of the previous workspace. */
  watch({ folders, lockfile }: Workspace): void {
    const { cwd, touched, settled, onProblem } = this.#options;
    // Events contain the real path of a linked folder. The link itself is watched too, since its target may change.
    const links = folders.shown.map((folder) => resolve(cwd, folder));
    const real = links.map(realFolder);
    this.#realFolders = new Map(folders.shown.map((folder, index) => [`${folder}/`, `${real[index]}${sep}`]));
    const scope = JSON.stringify([real, links, lockfile.path]);
    if (this.#current?.scope === scope) return;
    const previous = this.#current?.watch;
    const watch = watchFiles({
      base: cwd,
      folders: real,
      files: [...links, join(cwd, SETTINGS_FILE), lockfile.path, `${lockfile.path}.journal`],
      touched,
      settled,
      failed: (cause) => onProblem(watchIncomplete(cause)),
    });
    this.#current = { scope, watch };
    this.#open.add(watch);
    void this.#replace(previous, watch);
  }

  /** Also watches the folders of these manifests, because the watcher may miss a folder that has just been created. */
  found(manifests: readonly string[]): void {
    const folders = [...this.#realFolders];
    this.#current?.watch.watchFoldersOf(
      manifests.flatMap((manifest) => {
        const [prefix, real] = folders.find(([folder]) => manifest.startsWith(folder)) ?? [];
        return prefix === undefined || real === undefined ? [] : real + manifest.slice(prefix.length);
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map((watch) => this.#close(watch)));
  }

  async #replace(previous: FileWatch | undefined, watch: FileWatch): Promise<void> {
    await watch.ready;
    if (previous !== undefined) await this.#close(previous);
    // A file may have been saved before the watch was ready.
    this.#options.settled();
  }

  async #close(watch: FileWatch): Promise<void> {
    this.#open.delete(watch);
    await watch.close();
  }
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function watchIncomplete(cause: Error): Problem {
  return problem('watch-incomplete', `can't watch every file: ${cause.message}`, {
    hint: 'on Linux raise fs.inotify.max_user_watches; until then, press r after a save, or restart connsync watch',
  });
}
