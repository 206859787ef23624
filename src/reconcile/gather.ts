import { byCodeUnit, splitKey, type Key, type LiveConnection } from '../core/connection.ts';
import type { Clock } from '../core/clock.ts';
import { Failure, problem, type Problem } from '../core/diagnostic.ts';
import type { Report, Target } from '../core/event.ts';
import type { ConnectionsReader, ManifestFiles, OpenIntent, Records, Snapshot } from '../core/ports.ts';
import { readManifests, type Manifests } from '../manifest/read-all.ts';

export interface LoadOptions {
  readonly manifests: ManifestFiles;
  /** The manifest folders as messages show them. */
  readonly folders: { readonly shown: readonly string[] };
  /** Reads the manifests. If absent, connsync calls `readManifests`. */
  readonly read?: (source: ManifestFiles) => Manifests;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly report: Report;
}

/**
 * Reads and validates the manifests, and reports their problems. A missing folder is an error unless `allowMissing`
 * is set.
 */
export function loadManifests(
  { manifests: source, folders, read: readAll = readManifests, clock, report }: LoadOptions,
  { allowMissing }: { readonly allowMissing: boolean },
): Manifests {
  const started = clock.monotonic();
  const read = readAll(reportingReads(source, report));
  const { manifests, connections } = read;
  const entities = new Set([...read.desired.values()].map(({ entity }) => entity)).size;
  report({ type: 'loaded', manifests, connections, entities, ms: Math.round(clock.monotonic() - started) });
  const missing = allowMissing ? [] : read.missing.map((folder) => missingFolder(folder, folders.shown));
  const problems = [...missing, ...read.problems];
  for (const found of problems) report({ type: 'problem', problem: found });
  return { ...read, problems };
}

/**
 * Returns the problem of a missing folder. Such a folder doesn't count as empty, because its name is probably wrong.
 */
export function missingFolder(folder: string, folders: readonly string[]): Problem {
  const start = folders.length > 1 ? '' : '; connsync init sets up a new repository';
  const hint = `correct its name in --dir, or create it${start}`;
  return problem('missing-folder', `the folder ${folder}/ does not exist`, { hint });
}

/** The number of files that are read between two progress events. */
const FILES_PER_PROGRESS = 500;

/** Wraps a source of manifests so that it reports progress while files are read. */
function reportingReads(source: ManifestFiles, report: Report): ManifestFiles {
  let total = 0;
  let done = 0;
  return {
    ...source,
    list: () => {
      const listed = source.list();
      total = listed.files.length;
      return listed;
    },
    read: (file) => {
      done += 1;
      if (done % FILES_PER_PROGRESS === 0) report({ type: 'progress', doing: 'reading manifests', done, total });
      return source.read(file);
    },
  };
}

/** The target of a run, and the path of its lockfile. */
export interface RunTarget {
  readonly target: Target;
  /** Path of the lockfile as messages show it. */
  readonly lockfile: string;
}

/** Throws a `Failure('site-mismatch')` if the lockfile or an unfinished intent belongs to another site. */
export function requireSite({ target, lockfile }: RunTarget, { header, ...rest }: Loaded): void {
  const site = [header?.site, ...unfinishedIntents(rest).map((intent) => intent.target.site)].find(
    (other) => other !== undefined && other !== target.site,
  );
  if (site === undefined) return;
  throw new Failure('site-mismatch', `${lockfile} belongs to ${site}, but this run is for ${target.site}`, {
    hint: `use --site ${site}, or another --lockfile`,
  });
}

type Loaded = Pick<Snapshot, 'header' | 'open' | 'uncommitted'>;

function unfinishedIntents({ open, uncommitted }: Pick<Snapshot, 'open' | 'uncommitted'>): readonly OpenIntent[] {
  return [...open, ...uncommitted];
}

/**
 * Returns the records without those of replaces that were interrupted between delete and create. Such a connection
 * counts as never recorded once live shows that it is deleted, so that it is created again and not reported as drift.
 */
export function withoutHalfReplaced(
  { records, open }: Pick<Snapshot, 'records' | 'open'>,
  live: ReadonlyMap<Key, LiveConnection> | undefined,
): Records {
  const cut = open.filter(({ op, key }) => op === 'replace' && live !== undefined && !live.has(key));
  if (cut.length === 0) return records;
  const keys = new Set(cut.map(({ key }) => key));
  return new Map([...records].filter(([key]) => !keys.has(key)));
}

/**
 * Reports interrupted actions. Their outcome is unknown until an apply checks it, so every command that reads the
 * state reports them.
 */
export function warnInterrupted(
  { open }: Pick<Snapshot, 'open'>,
  { lockfile, report }: Pick<RunTarget, 'lockfile'> & { readonly report: Report },
): void {
  for (const warning of openProblems(open, lockfile)) report({ type: 'problem', problem: warning });
}

/**
 * Returns one warning for each replace that may be interrupted between its delete and its create, and one for all
 * other actions.
 */
export function openProblems(open: Snapshot['open'], lockfile: string): readonly Problem[] {
  const hint = 'run connsync apply; it checks what happened and completes interrupted actions';
  const replaces = open.filter(({ op }) => op === 'replace');
  const rest = open.filter(({ op }) => op !== 'replace').map(({ key }) => key);
  const named = rest.length > 5 ? `${rest.slice(0, 5).join(', ')} and ${rest.length - 5} more` : rest.join(', ');
  return [
    ...replaces.map(({ key }) =>
      problem('interrupted', `the replacement of ${key} was interrupted, possibly between its delete and its create`, {
        hint,
      }),
    ),
    ...(rest.length === 0
      ? []
      : [
          problem(
            'interrupted',
            `an apply with ${lockfile} was interrupted or is still running; unknown outcome: ${named}`,
            {
              hint,
            },
          ),
        ]),
  ];
}

/**
 * Returns the target with its organisation, from Datadog or else from the lockfile. Throws a
 * `Failure('organisation-mismatch')` if the two differ.
 */
export async function identify(
  { target, lockfile }: RunTarget,
  { header, ...rest }: Loaded,
  api: ConnectionsReader | undefined,
  signal: AbortSignal,
): Promise<Target> {
  const reported = await api?.organisation(signal);
  const recorded = [header?.org, ...unfinishedIntents(rest).map((intent) => intent.target.org)].find(
    (org) => org !== undefined && reported !== undefined && org !== reported,
  );
  if (recorded !== undefined) {
    throw new Failure(
      'organisation-mismatch',
      `${lockfile} belongs to the organisation ${recorded}, but these credentials belong to ${reported}`,
      {
        hint: 'use the keys of that organisation, or another --lockfile',
      },
    );
  }
  const org = reported ?? target.org ?? header?.org;
  return org === undefined ? target : { ...target, org };
}

/** Returns the entities of the manifests and of the lockfile. */
export function entitiesInUse(
  { desired }: Pick<Manifests, 'desired'>,
  { records }: Pick<Snapshot, 'records'>,
): readonly string[] {
  const entities = new Set([...desired.keys(), ...records.keys()].map((key) => splitKey(key).entity));
  return [...entities].sort(byCodeUnit);
}

/** Returns the live connections of the entities. Sends one list request per entity. */
export async function listLive(
  api: ConnectionsReader,
  entities: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Key, LiveConnection>> {
  const lists = await Promise.all(entities.map((entity) => api.list(entity, signal)));
  return new Map(lists.flat().map((connection) => [connection.key, connection]));
}
