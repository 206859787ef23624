import { canonicalJson } from '../core/canonical.ts';
import type { Key, Spec } from '../core/connection.ts';
import { updateSteps } from '../core/delta.ts';
import { applyDifferences, differences, fieldsOf, pathOf, replaceReasons } from '../core/difference.ts';
import type { Action } from '../core/plan.ts';
import type { Delta, Intent } from '../core/ports.ts';

/** An action that sends requests. `adopt` and `forget` change only the record. */
export type WriteAction = Extract<Action, { readonly kind: 'create' | 'update' | 'replace' | 'delete' }>;

export function isWrite(action: Action): action is WriteAction {
  return action.kind !== 'adopt' && action.kind !== 'forget';
}

/** One request to Datadog. */
export type Request =
  | { readonly method: 'create'; readonly spec: Spec }
  | { readonly method: 'update'; readonly delta: Delta }
  | { readonly method: 'remove' };

/**
 * The specs before and after an action. With these, connsync can continue an interrupted action from any live state.
 */
export interface Goal {
  readonly op: Intent['op'];
  readonly key: Key;
  readonly before: Spec | undefined;
  readonly after: Spec | undefined;
  /** Maps old to new ids of the fields that connsync renames in place. */
  readonly renames: ReadonlyMap<string, string>;
}

export function goalOf(action: WriteAction): Goal {
  return {
    op: action.kind,
    key: action.key,
    before: 'from' in action ? action.from : undefined,
    after: 'to' in action ? action.to : undefined,
    renames: action.kind === 'update' ? renamesIn(action.steps) : new Map(),
  };
}

/** Returns the requests of an action as planned. */
export function requestsOf(action: WriteAction): readonly Request[] {
  switch (action.kind) {
    case 'create':
      return [{ method: 'create', spec: action.to }];
    case 'delete':
      return [{ method: 'remove' }];
    case 'replace':
      return [{ method: 'remove' }, { method: 'create', spec: action.to }];
    case 'update':
      return action.steps.map((delta) => ({ method: 'update', delta }));
    default:
      return action satisfies never;
  }
}

/**
 * The requests still to send, or the reason why connsync can't continue: the live connection is in a state that the
 * plan doesn't cover.
 */
export type Remaining = { readonly requests: readonly Request[] } | { readonly conflict: string };

/**
 * Returns the requests that a goal still needs, given what a list shows now. An update is computed again from live,
 * never resent unchanged. A create or replace never overwrites a connection in an unexpected state, because it may
 * belong to someone else or may have been edited.
 *
 * | goal    | not live      | as desired | as before       | any other state  |
 * | ------- | ------------- | ---------- | --------------- | ---------------- |
 * | create  | create        | nothing    | –               | conflict         |
 * | update  | conflict      | nothing    | remaining delta | remaining delta  |
 * | replace | create        | nothing    | remove, create  | conflict         |
 * | delete  | nothing       | –          | remove          | remove           |
 */
export function remainingOf(goal: Goal, live: Spec | undefined): Remaining {
  const { op, before, after } = goal;
  if (after === undefined) return { requests: live === undefined ? [] : [{ method: 'remove' }] };
  if (live === undefined)
    return op === 'update' ? { conflict: 'it no longer exists' } : { requests: [{ method: 'create', spec: after }] };
  const list = differences(after, op === 'create' ? undefined : before, live);
  if (list.length === 0) return { requests: [] };
  const paths = list.map(pathOf).join(', ');
  if (op === 'create') return { conflict: `a connection with this id exists and differs in ${paths}` };
  if (op === 'replace')
    return canonicalJson(live) === canonicalJson(before)
      ? { requests: [{ method: 'remove' }, { method: 'create', spec: after }] }
      : { conflict: `it changed in the meantime: ${paths}` };
  if (replaceReasons(list).length > 0) return { conflict: `it changed in the meantime: ${paths}` };
  const steps = updateSteps(live, applyDifferences(live, list), pendingRenames(goal.renames, live));
  return { requests: steps.map((delta) => ({ method: 'update', delta })) };
}

function renamesIn(steps: readonly Delta[]): ReadonlyMap<string, string> {
  const renamed = steps
    .flatMap(({ update = [] }) => update)
    .flatMap(({ id, newId }) => (newId ? [[id, newId] as const] : []));
  return new Map(renamed);
}

function pendingRenames(renames: ReadonlyMap<string, string>, live: Spec): ReadonlyMap<string, string> {
  const fields = fieldsOf(live);
  return new Map([...renames].filter(([from, to]) => fields.has(from) && !fields.has(to)));
}
