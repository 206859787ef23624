import { hasErrors } from '../core/diagnostic.ts';
import type { Key, LiveConnection } from '../core/connection.ts';
import type { Report, Target } from '../core/event.ts';
import type { ConnectionsReader, ManifestFiles, Snapshot, StateStore } from '../core/ports.ts';
import type { Manifests } from '../manifest/read-all.ts';
import { entitiesInUse, identify, listLive, loadManifests, requireSite, warnInterrupted } from './gather.ts';

export interface SurveyOptions {
  readonly target: Target;
  readonly manifests: ManifestFiles;
  readonly folders: { readonly shown: readonly string[] };
  readonly state: StateStore;
  readonly lockfile: string;
  /** Called once manifests and lockfile are known to be sound. Throws a Failure where credentials are missing. */
  readonly connect: () => Promise<ConnectionsReader>;
  /** Entities to list, whatever is in use. */
  readonly entities?: readonly string[];
  /** Where no manifest is needed yet: a missing folder is then an empty one. */
  readonly withoutFolders?: boolean;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The three sides of every connection, as they are now. */
export interface Survey {
  readonly manifests: Manifests;
  readonly snapshot: Snapshot;
  readonly live: ReadonlyMap<Key, LiveConnection>;
  readonly target: Target;
}

/** What Datadog documents: listed where nothing says which entities matter. */
const DOCUMENTED = ['accounts', 'users'];

/**
 * Looks at manifests, lockfile and Datadog, and decides nothing: what drift, import, accept and state begin with.
 * Undefined where a manifest has an error, which has been told.
 */
export async function survey(options: SurveyOptions): Promise<Survey | undefined> {
  const manifests = loadManifests(options, options.withoutFolders !== true);
  if (hasErrors(manifests.problems)) return undefined;
  const snapshot = await options.state.load();
  requireSite(options, snapshot);
  warnInterrupted(snapshot, options);
  const api = await options.connect();
  const target = await identify(options, snapshot, api, options.signal);
  const inUse = options.entities ?? entitiesInUse(manifests, snapshot);
  const live = await listLive(api, inUse.length === 0 ? DOCUMENTED : inUse, options.signal);
  return { manifests, snapshot, live, target };
}
