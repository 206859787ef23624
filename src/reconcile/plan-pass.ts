import { hasErrors } from '../core/diagnostic.ts';
import type { ConnectionsReader } from '../core/ports.ts';
import { entitiesInUse, identify, listLive, loadManifests, requireSite, warnInterrupted } from './gather.ts';
import { INVALID_MANIFESTS, makePlan, type PassOptions, type PassResult } from './make-plan.ts';

export interface PlanPassOptions extends PassOptions {
  /**
   * Returns the Datadog client; absent if the run is offline. Called once manifests and lockfile are known to be valid.
   * Throws a `Failure` if credentials are missing.
   */
  readonly connect?: (() => Promise<ConnectionsReader>) | undefined;
}

/**
 * Loads manifests and lockfile, lists the live connections, plans and checks the guards. It writes nothing. It reports
 * everything as events and throws expected errors as `Failure`.
 */
export async function planPass(options: PlanPassOptions): Promise<PassResult> {
  const { state, connect, abort } = options;
  const started = options.clock.monotonic();
  const manifests = loadManifests(options, { allowMissing: false });
  if (hasErrors(manifests.problems)) return INVALID_MANIFESTS;
  const snapshot = await state.load();
  requireSite(options, snapshot);
  const api = await connect?.();
  const target = await identify(options, snapshot, api, abort.stop);
  warnInterrupted(snapshot, options);
  const live = api === undefined ? undefined : await listLive(api, entitiesInUse(manifests, snapshot), abort.stop);
  const gathered = { manifests, snapshot, live };
  return { exitCode: 0, ...(await makePlan(gathered, { target, api, started }, options)), gathered };
}
