import type { Abort, Clock } from '../core/clock.ts';
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
  /**
   * Returns the Datadog client. Called once manifests and lockfile are known to be valid. Throws a `Failure` if
   * credentials are missing.
   */
  readonly connect: () => Promise<ConnectionsReader>;
  /** The entities to list. If absent, those of the manifests and the lockfile. */
  readonly entities?: readonly string[];
  /** True to treat a missing manifest folder as empty, for commands that need no manifests yet. */
  readonly allowMissingFolders?: boolean;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly report: Report;
  readonly abort: Abort;
}

/** All connections as the manifests, the lockfile and Datadog have them. */
export interface Survey {
  readonly manifests: Manifests;
  readonly snapshot: Snapshot;
  readonly live: ReadonlyMap<Key, LiveConnection>;
  readonly target: Target;
}

/** The entities that Datadog documents. connsync lists these if neither manifests nor lockfile contain a connection. */
const DOCUMENTED_ENTITIES = ['accounts', 'users'];

/**
 * Reads manifests, lockfile and Datadog without planning, for the commands drift, import, accept and state. Returns
 * undefined after reporting the errors of a manifest.
 */
export async function survey(options: SurveyOptions): Promise<Survey | undefined> {
  const manifests = loadManifests(options, { allowMissing: options.allowMissingFolders === true });
  if (hasErrors(manifests.problems)) return undefined;
  const snapshot = await options.state.load();
  requireSite(options, snapshot);
  warnInterrupted(snapshot, options);
  const api = await options.connect();
  const target = await identify(options, snapshot, api, options.abort.stop);
  const inUse = options.entities ?? entitiesInUse(manifests, snapshot);
  const live = await listLive(api, inUse.length === 0 ? DOCUMENTED_ENTITIES : inUse, options.abort.stop);
  return { manifests, snapshot, live, target };
}
