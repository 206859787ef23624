import { existsSync, lstatSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { problem, type Problem } from '../core/diagnostic.ts';
import type { Report, Target } from '../core/event.ts';
import type { ManifestFiles, StateStore } from '../core/ports.ts';
import { readManifestBytes, stampOf } from '../files/read.ts';
import { walkManifests } from '../files/walk.ts';
import { decodeText } from '../manifest/load.ts';
import { loadSettings, type Settings } from '../manifest/settings.ts';
import type { LockfilePath, Runtime } from '../runtime/runtime.ts';
import { displayPath, withForwardSlashes } from './display-path.ts';
import { sparseManifests } from './sparse-checkout.ts';
import { openDatadogClients, type DatadogClients, type ObservedRequest } from './datadog-clients.ts';
import { deferred } from './deferred.ts';
import { findDestination, LOCAL_SITE, siteOf, type Destination } from './destination.ts';
import { DEFAULTS, type CommonFlags, type DatadogFlags } from './flags.ts';

export const SETTINGS_FILE = 'connsync.yaml';
/** The maximum size of a manifest or of connsync.yaml, in bytes. */
const MAX_BYTES = 1024 * 1024;
/** The folder in which `--site local` keeps its data and its lockfile. */
const LOCAL_FOLDER = join('.connsync', 'local');

/** The files of one run. */
export interface WorkspaceFiles {
  readonly manifests: ManifestFiles;
  /**
   * The manifest folders with forward slashes: `shown` relative to the working directory, `recorded` relative to the
   * lockfile.
   */
  readonly folders: { readonly shown: readonly string[]; readonly recorded: readonly string[] };
  readonly lockfile: LockfilePath;
}

/** The inputs and the destination of a run, from flags, environment and settings. */
export interface Workspace extends WorkspaceFiles {
  readonly settings: Settings;
  /** Problems in connsync.yaml. */
  readonly problems: readonly Problem[];
  /** The target for the `start` event. A guess if flags and settings contradict each other. */
  readonly target: Target;
  /**
   * Returns the destination. Throws a Failure (exit code 3) if flags, environment and settings contradict each other.
   */
  readonly destination: () => Destination;
  /** The lockfiles that no command may overwrite. With `--site local` they include the real lockfile. */
  readonly lockfiles: readonly LockfilePath[];
  readonly openStore: () => Promise<StateStore>;
  /** Returns clients that connect on first use. Throws the same Failure as `destination`. */
  readonly openClients: (options: ClientsFor) => DatadogClients;
}

interface ClientsFor {
  /** The command's name for the trace. */
  readonly command: string;
  readonly report: Report;
  /** Called after every request, in addition to --trace. */
  readonly observe?: (request: ObservedRequest) => void;
}

export type WorkspaceFlags = Pick<CommonFlags, 'dir' | 'lockfile' | 'maxFiles'> & Partial<DatadogFlags>;

/** Returns the workspace of a run. Reads `connsync.yaml` if it exists. Never throws for bad input. */
export function openWorkspace(flags: WorkspaceFlags, runtime: Runtime): Workspace {
  const { settings, problems } = readSettings(runtime.cwd);
  const real = findFiles(flags, settings, runtime);
  const destination = deferred(() => findDestination(flags, settings, real.lockfile.path, runtime.env));
  const target = destination.value?.target ?? {
    environment: 'default',
    site: flags.site ?? settings.site ?? DEFAULTS.site,
  };
  // Determines the site even if DD_API_URL contradicts it, because `state` and completion need no API address.
  const isLocal = deferred(() => siteOf(flags, settings, runtime.env)).value === LOCAL_SITE;
  const files = isLocal && flags.lockfile === undefined ? findFiles(withLocalLockfile(flags), settings, runtime) : real;
  return {
    ...files,
    settings,
    problems,
    target,
    destination: destination.get,
    lockfiles: files === real ? [real.lockfile] : [real.lockfile, files.lockfile],
    // Loaded on demand, so that a command without a lockfile starts faster.
    openStore: async () => (await import('./open-store.ts')).openStore(files.lockfile, runtime),
    openClients: (options) =>
      openDatadogClients({
        ...options,
        destination: destination.get(),
        flags: { timeout: DEFAULTS.timeout, maxRetries: DEFAULTS.maxRetries, ...flags },
        runtime,
        localData: join(runtime.cwd, LOCAL_FOLDER),
      }),
  };
}

/** Returns the flags with the emulator's own lockfile, so that experiments never change the real one. */
function withLocalLockfile(flags: WorkspaceFlags): WorkspaceFlags {
  return { ...flags, lockfile: join(LOCAL_FOLDER, DEFAULTS.lockfile) };
}

function findFiles(
  flags: WorkspaceFlags,
  settings: Settings,
  { cwd, clock }: Pick<Runtime, 'cwd' | 'clock'>,
): WorkspaceFiles {
  const folders = flags.dir ?? settings.manifests ?? [DEFAULTS.folder];
  const path = lockfilePath(cwd, flags.lockfile ?? settings.lockfile, folders[0] ?? DEFAULTS.folder);
  const displayed = folders.map((folder) => displayPath(cwd, resolve(cwd, folder)));
  return {
    manifests: {
      stamp: (file) => stampOf(join(cwd, file), clock.now()),
      list: () => walkManifests(displayed, { cwd, maxFiles: flags.maxFiles }),
      read: (file) => readManifestBytes(join(cwd, file), MAX_BYTES),
      sparse: () => sparseManifests(cwd, displayed),
    },
    folders: {
      shown: displayed,
      recorded: [
        ...new Set(folders.map((folder) => withForwardSlashes(relative(dirname(path), resolve(cwd, folder))) || '.')),
      ],
    },
    lockfile: { path, displayPath: displayPath(cwd, path) },
  };
}

/**
 * Returns the lockfile's path. By default it is next to connsync.yaml, or next to the first folder if there is no
 * connsync.yaml.
 */
function lockfilePath(cwd: string, given: string | undefined, firstFolder: string): string {
  if (given !== undefined) return resolve(cwd, given);
  const folder = existsSync(join(cwd, SETTINGS_FILE)) ? cwd : dirname(resolve(cwd, firstFolder));
  return join(folder, DEFAULTS.lockfile);
}

function readSettings(cwd: string): { readonly settings: Settings; readonly problems: readonly Problem[] } {
  const path = join(cwd, SETTINGS_FILE);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { settings: {}, problems: [] };
  const read = readManifestBytes(path, MAX_BYTES);
  // connsync doesn't follow links. Ignoring a linked connsync.yaml would silently drop its settings, so it is an
  // error.
  if ('code' in read)
    return {
      settings: {},
      problems: [problem('unreadable-file', read.message, { file: SETTINGS_FILE, hint: read.hint })],
    };
  const decoded = decodeText(read.bytes, SETTINGS_FILE);
  if ('problem' in decoded) return { settings: {}, problems: [decoded.problem] };
  const loaded = loadSettings(decoded.text, SETTINGS_FILE);
  return { settings: loaded.settings ?? {}, problems: loaded.problems };
}
