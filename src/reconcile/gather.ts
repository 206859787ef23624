import { byCodeUnit, splitKey, type Key, type LiveConnection } from '../core/connection.ts';
import type { Clock } from '../core/clock.ts';
import { Failure, problem, type Problem } from '../core/diagnostic.ts';
import type { Report, Target } from '../core/event.ts';
import type { ConnectionsReader, ManifestFiles, OpenIntent, Records, Snapshot } from '../core/ports.ts';
import { readManifests, type Manifests } from '../manifest/read-all.ts';

export interface LoadOptions {
  readonly manifests: ManifestFiles;
  /** The manifest folders as messages display them. */
  readonly folders: { readonly shown: readonly string[] };
  /** Reads the manifests; by default reads each file once. */
  readonly read?: (source: ManifestFiles) => Manifests;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly report: Report;
}

/** Reads and checks the manifests, and reports what is wrong with them. A missing folder is an error unless it is allowed. */
export function loadManifests(
  { manifests: source, folders, read: reading = readManifests, clock, report }: LoadOptions,
  { allowMissing }: { readonly allowMissing: boolean },
): Manifests {
  const started = clock.monotonic();
  const read = reading(reportingReads(source, report));
  const { manifests, connections } = read;
  const entities = new Set([...read.desired.values()].map(({ entity }) => entity)).size;
  report({ type: 'loaded', manifests, connections, entities, ms: Math.round(clock.monotonic() - started) });
  const missing = allowMissing ? [] : read.missing.map((folder) => missingFolder(folder, folders.shown));
  const problems = [...missing, ...read.problems];
  for (const found of problems) report({ type: 'problem', problem: found });
  return { ...read, problems };
}

/** A folder that does not exist is not an empty one: most likely its name is wrong. */
export function missingFolder(folder: string, folders: readonly string[]): Problem {
  const hint =
    folders.length > 1
      ? 'create it, or remove it from --dir'
      : 'create it with connsync init, or choose another folder with --dir';
  return problem('missing-folder', `the folder ${folder}/ does not exist`, { hint });
}

/** Files between two progress events. */
const FILES_PER_PROGRESS = 500;

/** The same files, with progress events while thousands of them are read. */
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

/** The target of a run, and its lockfile. */
export interface RunTarget {
  readonly target: Target;
  /** The lockfile as messages show it. */
  readonly lockfile: string;
}

/** A lockfile belongs to one site, and so does what an interrupted run left beside it. Throws a Failure `site-mismatch`. */
export function requireSite({ target, lockfile }: RunTarget, { header, ...left }: Loaded): void {
  const site = [header?.site, ...unfinishedIntents(left).map((intent) => intent.target.site)].find(
    (other) => other !== undefined && other !== target.site,
  );
  if (site === undefined) return;
  throw new Failure('site-mismatch', `${lockfile} belongs to ${site}, and this run is for ${target.site}`, {
    hint: `use --site ${site}, or another --lockfile`,
  });
}

type Loaded = Pick<Snapshot, 'header' | 'open' | 'uncommitted'>;

function unfinishedIntents({ open, uncommitted }: Pick<Snapshot, 'open' | 'uncommitted'>): readonly OpenIntent[] {
  return [...open, ...uncommitted];
}

/**
 * A replace that was cut between delete and create is ours to finish, and no drift: once live shows that it is gone, the connection
 * counts as never recorded.
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

/** Says what an interrupted apply left: until an apply has looked, nobody knows, and every command that reads the state says so. */
export function warnInterrupted(
  { open }: Pick<Snapshot, 'open'>,
  { lockfile, report }: Pick<RunTarget, 'lockfile'> & { readonly report: Report },
): void {
  for (const told of openProblems(open, lockfile)) report({ type: 'problem', problem: told });
}

/** One warning for each replace that may be cut between its delete and its create, and one for all the rest. */
export function openProblems(open: Snapshot['open'], lockfile: string): readonly Problem[] {
  const hint = 'run connsync apply: it looks first, and finishes what was cut';
  const replaces = open.filter(({ op }) => op === 'replace');
  const rest = open.filter(({ op }) => op !== 'replace').map(({ key }) => key);
  const named = rest.length > 5 ? `${rest.slice(0, 5).join(', ')} and ${rest.length - 5} more` : rest.join(', ');
  return [
    ...replaces.map(({ key }) =>
      problem('interrupted', `a replacement of ${key} was interrupted, perhaps between its delete and its create`, {
        hint,
      }),
    ),
    ...(rest.length === 0
      ? []
      : [
          problem('interrupted', `an apply over ${lockfile} was interrupted, or has not ended yet; unknown: ${named}`, {
            hint,
          }),
        ]),
  ];
}

/** The target with its organisation, as Datadog tells it, or as the lockfile knows it. Throws a Failure `organisation-mismatch`. */
export async function identify(
  { target, lockfile }: RunTarget,
  { header, ...left }: Loaded,
  api: ConnectionsReader | undefined,
  signal: AbortSignal,
): Promise<Target> {
  const told = await api?.organisation(signal);
  const recorded = [header?.org, ...unfinishedIntents(left).map((intent) => intent.target.org)].find(
    (org) => org !== undefined && told !== undefined && org !== told,
  );
  if (recorded !== undefined) {
    throw new Failure(
      'organisation-mismatch',
      `${lockfile} belongs to the organisation ${recorded}, and these credentials to ${told}`,
      {
        hint: 'use the keys of that organisation, or another --lockfile',
      },
    );
  }
  const org = told ?? target.org ?? header?.org;
  return org === undefined ? target : { ...target, org };
}

/** The entities in use: those of the manifests and of the lockfile. */
export function entitiesInUse(
  { desired }: Pick<Manifests, 'desired'>,
  { records }: Pick<Snapshot, 'records'>,
): readonly string[] {
  const entities = new Set([...desired.keys(), ...records.keys()].map((key) => splitKey(key).entity));
  return [...entities].sort(byCodeUnit);
}

/** What is live of some entities, by one list each. */
export async function listLive(
  api: ConnectionsReader,
  entities: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Key, LiveConnection>> {
  const lists = await Promise.all(entities.map((entity) => api.list(entity, signal)));
  return new Map(lists.flat().map((connection) => [connection.key, connection]));
}
