import { splitKey } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Plan } from '../core/plan.ts';
import type { ConnectionsReader } from '../core/ports.ts';

/**
 * Adds to each delete and replace in a plan the attributes that it removes, so that users see these before they
 * confirm. If Datadog's list of attributes is not available, assumes one attribute per field.
 */
export async function withLostAttributes(
  plan: Plan,
  api: ConnectionsReader | undefined,
  signal: AbortSignal,
): Promise<Plan> {
  const entities = new Set(
    plan.actions.flatMap(({ kind, key }) => (kind === 'delete' || kind === 'replace' ? [splitKey(key).entity] : [])),
  );
  if (entities.size === 0) return plan;
  const known = new Map<string, ReadonlySet<string> | undefined>();
  for (const entity of entities) known.set(entity, await attributesOf(entity, api, signal));
  const actions = plan.actions.map((action) => {
    if (action.kind !== 'delete' && action.kind !== 'replace') return action;
    const mapping = known.get(splitKey(action.key).entity);
    const names = (action.from.fields ?? []).map(({ id }) => `@${id}`);
    return { ...action, attributes: mapping === undefined ? names : names.filter((name) => mapping.has(name)) };
  });
  return { ...plan, actions };
}

async function attributesOf(
  entity: string,
  api: ConnectionsReader | undefined,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  try {
    return api === undefined ? undefined : new Set(await api.attributes(entity, signal));
  } catch (cause) {
    if (cause instanceof Failure) return undefined;
    throw cause;
  }
}
