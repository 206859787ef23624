import { existsSync, lstatSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { problem, type Problem } from '../core/diagnostic.ts';
import type { Report, Target } from '../core/event.ts';
import type { ManifestFiles, StateStore } from '../core/ports.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { readManifestBytes, stampOf } from '../files/read.ts';
import { walkManifests } from '../files/walk.ts';
import { decodeText } from '../manifest/load.ts';
import { loadSettings, type Settings } from '../manifest/settings.ts';
import type { LockfilePath, Runtime } from '../runtime/runtime.ts';
import { fileStore } from '../state/file-store.ts';
import { displayPath, forward } from './display-path.ts';
import { sparseManifests } from './sparse-checkout.ts';
import { openClients, type DatadogClients, type ObservedRequest } from './datadog-clients.ts';
import { deferred } from './deferred.ts';
import { findDestination, LOCAL_SITE, siteOf, type Destination } from './destination.ts';
import { DEFAULTS, type CommonFlags, type DatadogFlags } from './flags.ts';

export const SETTINGS_FILE = 'connsync.yaml';
/** Bytes of one file, manifest or settings. */
const MAX_BYTES = 1024 * 1024;
/** Where `--site local` keeps its data and its lockfile. */
const LOCAL_FOLDER = join('.connsync', 'local');

/** The files of one run. */
export interface WorkspaceFiles {
  readonly manifests: ManifestFiles;
  /** Manifest folders: relative to the working directory, and to the lockfile; normalised, forward slashes. */
  readonly folders: { readonly shown: readonly string[]; readonly recorded: readonly string[] };
  readonly lockfile: LockfilePath;
}

/** Everything that flags, environment and settings say before a command starts: what it reads, and what it talks to. */
export interface Workspace extends WorkspaceFiles {
  readonly settings: Settings;
  /** What is wrong with connsync.yaml. */
  readonly problems: readonly Problem[];
  /** The target; if flags and settings contradict each other, the closest guess for the first event. */
  readonly target: Target;
  /** Throws a Failure (3) if flags, environment and settings contradict each other. */
  readonly destination: () => Destination;
  /** Paths of every lockfile that no command may overwrite: also the real one, in a run with `--site local`. */
  readonly lockfiles: readonly LockfilePath[];
  readonly openStore: () => StateStore;
  /** Connects only when a client is asked for. Throws what `destination` throws. */
  readonly openClients: (options: ClientsFor) => DatadogClients;
}

interface ClientsFor {
  /** The command that a trace is of. */
  readonly command: string;
  readonly report: Report;
  /** Called after every request, beside --trace. */
  readonly observe?: (request: ObservedRequest) => void;
}

export type WorkspaceFlags = Pick<CommonFlags, 'dir' | 'lockfile' | 'maxFiles'> & Partial<DatadogFlags>;

/** Reads `connsync.yaml` if it exists, and finds manifests, lockfile and destination. Never throws for bad input. */
export function openWorkspace(flags: WorkspaceFlags, runtime: Runtime): Workspace {
  const { settings, problems } = readSettings(runtime.cwd);
  const real = findFiles(flags, settings, runtime);
  const destination = deferred(() => findDestination(flags, settings, real.lockfile.path, runtime.env));
  // Also if DD_API_URL contradicts it: `state` and completion need no address.
  const isLocal = deferred(() => siteOf(flags, settings, runtime.env)).value === LOCAL_SITE;
  const files = isLocal && flags.lockfile === undefined ? findFiles(withLocalLockfile(flags), settings, runtime) : real;
  return {
    ...files,
    settings,
    problems,
    target: destination.value?.target ?? {
      environment: 'default',
      site: flags.site ?? settings.site ?? DEFAULTS.site,
    },
    destination: destination.get,
    lockfiles: files === real ? [real.lockfile] : [real.lockfile, files.lockfile],
    openStore: () => openStore(files.lockfile, runtime),
    openClients: (options) =>
      openClients({
        ...options,
        destination: destination.get(),
        flags: { timeout: DEFAULTS.timeout, maxRetries: DEFAULTS.maxRetries, ...flags },
        runtime,
        localData: join(runtime.cwd, LOCAL_FOLDER),
      }),
  };
}

/** Returns the state store of a lockfile: the one that the runtime provides, or the file itself. */
export function openStore({ path, shown }: LockfilePath, runtime: Pick<Runtime, 'openStore' | 'clock'>): StateStore {
  const open = (): StateStore => fileStore({ path, shown, write: writeAtomically, now: runtime.clock.now });
  return runtime.openStore?.({ path, shown }) ?? open();
}

/** The emulator's records stay beside its data, so that trying things out never touches the real lockfile. */
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
  const shown = folders.map((folder) => displayPath(cwd, resolve(cwd, folder)));
  return {
    manifests: {
      stamp: (file) => stampOf(join(cwd, file), clock.now()),
      list: () => walkManifests(shown, { cwd, maxFiles: flags.maxFiles }),
      read: (file) => readManifestBytes(join(cwd, file), MAX_BYTES),
      sparse: () => sparseManifests(cwd, shown),
    },
    folders: {
      shown,
      recorded: [...new Set(folders.map((folder) => forward(relative(dirname(path), resolve(cwd, folder))) || '.'))],
    },
    lockfile: { path, shown: displayPath(cwd, path) },
  };
}

/** Without a flag or a setting the lockfile is beside connsync.yaml, or beside the first folder if there is no connsync.yaml. */
function lockfilePath(cwd: string, given: string | undefined, firstFolder: string): string {
  if (given !== undefined) return resolve(cwd, given);
  const folder = existsSync(join(cwd, SETTINGS_FILE)) ? cwd : dirname(resolve(cwd, firstFolder));
  return join(folder, DEFAULTS.lockfile);
}

function readSettings(cwd: string): { readonly settings: Settings; readonly problems: readonly Problem[] } {
  const path = join(cwd, SETTINGS_FILE);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { settings: {}, problems: [] };
  const read = readManifestBytes(path, MAX_BYTES);
  // A link is not followed. Ignoring it would be worse than an error: the settings would silently not apply.
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
