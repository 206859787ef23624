import { canonicalJson } from '../core/canonical.ts';
import type { Key, Spec } from '../core/connection.ts';
import { updateSteps } from '../core/delta.ts';
import { applyDifferences, differences, fieldsOf, pathOf, replaceReasons } from '../core/difference.ts';
import type { Action } from '../core/plan.ts';
import type { Delta, Intent } from '../core/ports.ts';

/** An action that sends something; adopt and forget only move a record. */
export type SendingAction = Extract<Action, { readonly kind: 'create' | 'update' | 'replace' | 'delete' }>;

export function sends(action: Action): action is SendingAction {
  return action.kind !== 'adopt' && action.kind !== 'forget';
}

/** One request to Datadog. */
export type Request =
  | { readonly method: 'create'; readonly spec: Spec }
  | { readonly method: 'update'; readonly delta: Delta }
  | { readonly method: 'remove' };

/** What an action is to reach, and from where: enough to go on from whatever is found live. */
export interface Goal {
  readonly op: Intent['op'];
  readonly key: Key;
  readonly before: Spec | undefined;
  readonly after: Spec | undefined;
  /** Old to new ids of fields that are renamed in place. */
  readonly renames: ReadonlyMap<string, string>;
}

export function goalOf(action: SendingAction): Goal {
  return {
    op: action.kind,
    key: action.key,
    before: 'from' in action ? action.from : undefined,
    after: 'to' in action ? action.to : undefined,
    renames: action.kind === 'update' ? renamesIn(action.steps) : new Map(),
  };
}

/** The requests of an action as it was planned. */
export function requestsOf(action: SendingAction): readonly Request[] {
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

/** What is left to do, or why that can't be said: what is there is not what the plan knew. */
export type Remaining = { readonly requests: readonly Request[] } | { readonly conflict: string };

/**
 * What is left of a goal, held against what a list shows now. An update is computed anew, never sent again as it was; a
 * connection that differs from what is to be created is somebody else's, or was edited since, and is never overwritten.
 *
 * | goal    | nothing there | as it is to be | as it was      | anything else         |
 * | ------- | ------------- | -------------- | -------------- | --------------------- |
 * | create  | create        | nothing        | –              | conflict              |
 * | update  | conflict      | nothing        | what is missing | what is missing       |
 * | replace | create        | nothing        | remove, create | conflict              |
 * | delete  | nothing       | –              | remove         | remove                |
 */
export function remainingOf(goal: Goal, there: Spec | undefined): Remaining {
  const { op, before, after } = goal;
  if (after === undefined) return { requests: there === undefined ? [] : [{ method: 'remove' }] };
  if (there === undefined)
    return op === 'update' ? { conflict: 'it is gone' } : { requests: [{ method: 'create', spec: after }] };
  const list = differences(after, op === 'create' ? undefined : before, there);
  if (list.length === 0) return { requests: [] };
  const paths = list.map(pathOf).join(', ');
  if (op === 'create') return { conflict: `the id is taken by a connection that differs in ${paths}` };
  if (op === 'replace')
    return canonicalJson(there) === canonicalJson(before)
      ? { requests: [{ method: 'remove' }, { method: 'create', spec: after }] }
      : { conflict: `it was changed in the meantime: ${paths}` };
  if (replaceReasons(list).length > 0) return { conflict: `it was changed in the meantime: ${paths}` };
  const steps = updateSteps(there, applyDifferences(there, list), pending(goal.renames, there));
  return { requests: steps.map((delta) => ({ method: 'update', delta })) };
}

function renamesIn(steps: readonly Delta[]): ReadonlyMap<string, string> {
  const renamed = steps
    .flatMap(({ update = [] }) => update)
    .flatMap(({ id, newId }) => (newId ? [[id, newId] as const] : []));
  return new Map(renamed);
}

function pending(renames: ReadonlyMap<string, string>, there: Spec): ReadonlyMap<string, string> {
  const fields = fieldsOf(there);
  return new Map([...renames].filter(([from, to]) => fields.has(from) && !fields.has(to)));
}
