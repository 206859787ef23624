import { existsSync, lstatSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { problem, type Problem } from '../core/diagnostic.ts';
import type { ManifestFiles } from '../core/ports.ts';
import { readManifestBytes, stampOf } from '../files/read.ts';
import { walkManifests } from '../files/walk.ts';
import { decodeText } from '../manifest/load.ts';
import { loadSettings, type Settings } from '../manifest/settings.ts';
import type { CommonFlags } from '../commands/flags.ts';
import type { Runtime } from '../runtime/runtime.ts';

export const SETTINGS_FILE = 'connsync.yaml';
/** Of one file, manifest or settings. */
const MAX_BYTES = 1024 * 1024;

export interface Inputs {
  readonly settings: Settings;
  /** What is wrong with connsync.yaml. */
  readonly problems: readonly Problem[];
  readonly manifests: ManifestFiles;
  /** Manifest folders: relative to the working directory, and to the lockfile; normalised, forward slashes. */
  readonly folders: { readonly shown: readonly string[]; readonly recorded: readonly string[] };
  /** Absolute, and as messages show it. */
  readonly lockfile: { readonly path: string; readonly shown: string };
}

/** Finds what a command reads: `connsync.yaml` where there is one, the folders of manifests, and the lockfile. */
export function findInputs(
  flags: Pick<CommonFlags, 'dir' | 'lockfile' | 'maxFiles'>,
  { cwd, now }: Pick<Runtime, 'cwd' | 'now'>,
): Inputs {
  const { settings, problems } = readSettings(cwd);
  const folders = flags.dir ?? settings.manifests ?? ['connections'];
  const path = lockfilePath({
    cwd,
    flag: flags.lockfile,
    setting: settings.lockfile,
    first: folders[0] ?? 'connections',
  });
  const shown = folders.map((folder) => displayPath(cwd, resolve(cwd, folder)));
  return {
    settings,
    problems,
    manifests: manifestFiles({ cwd, now }, shown, flags.maxFiles),
    folders: {
      shown,
      recorded: [...new Set(folders.map((folder) => forward(relative(dirname(path), resolve(cwd, folder))) || '.'))],
    },
    lockfile: { path, shown: displayPath(cwd, path) },
  };
}

/** The emulator's records stay beside its data, so that trying things out never touches the lockfile of the real thing. */
export function withLocalLockfile(
  inputs: Inputs,
  flags: Pick<CommonFlags, 'dir' | 'lockfile' | 'maxFiles'>,
  runtime: Pick<Runtime, 'cwd' | 'now'>,
): Inputs {
  return flags.lockfile === undefined
    ? findInputs({ ...flags, lockfile: join('.connsync', 'local', 'connections.lock') }, runtime)
    : inputs;
}

/** A path as messages show it: relative to the working directory, with forward slashes. */
export function displayPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return forward(isAbsolute(short) ? path : short === '' ? '.' : short);
}

/** A path that somebody gave: one that is absolute and leads out of the working directory is shown as it was given. */
export function displayPathAsGiven(cwd: string, given: string): string {
  const shown = displayPath(cwd, resolve(cwd, given));
  return isAbsolute(given) && /^\.\.(\/|$)/.test(shown) ? forward(given) : shown;
}

function readSettings(cwd: string): { readonly settings: Settings; readonly problems: readonly Problem[] } {
  const path = join(cwd, SETTINGS_FILE);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return { settings: {}, problems: [] };
  const read = readManifestBytes(path, MAX_BYTES);
  // A link is not followed, and settings that are silently not read would be worse than none.
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

/** A flag stands over the setting; without both it stands beside connsync.yaml, or beside the first folder where there is none. */
function lockfilePath({
  cwd,
  flag,
  setting,
  first,
}: {
  readonly cwd: string;
  readonly flag: string | undefined;
  readonly setting: string | undefined;
  readonly first: string;
}): string {
  if (flag !== undefined) return resolve(cwd, flag);
  if (setting !== undefined) return resolve(cwd, setting);
  const beside = existsSync(join(cwd, SETTINGS_FILE)) ? cwd : dirname(resolve(cwd, first));
  return join(beside, 'connections.lock');
}

function manifestFiles(
  { cwd, now }: Pick<Runtime, 'cwd' | 'now'>,
  folders: readonly string[],
  maxFiles: number,
): ManifestFiles {
  return {
    stamp: (file) => stampOf(join(cwd, file), now()),
    list: () => walkManifests(folders, { cwd, maxFiles }),
    read: (file) => readManifestBytes(join(cwd, file), MAX_BYTES),
  };
}

function forward(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
