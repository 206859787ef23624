import type { Problem } from '../core/diagnostic.ts';
import type { DriftedConnection } from '../core/drift.ts';
import type { SyncEvent } from '../core/event.ts';
import { pathOf } from '../core/difference.ts';
import type { Action, Change } from '../core/plan.ts';

/** Returns the JSON members of a problem, which are the same in every document. */
export function problemDocument({
  code,
  severity,
  message,
  hint,
  file,
  line,
  column,
  endLine,
  endColumn,
}: Problem): Readonly<Record<string, unknown>> {
  return { code, severity, message, hint, file, line, column, endLine, endColumn };
}

/**
 * Returns the JSON members of an action, which are the same in every document. Leaves out whole connections, because
 * the changes and the manifest have their content.
 */
export function actionDocument(action: Action): Readonly<Record<string, unknown>> {
  const { kind, key, file, line, owner, digest, changes, drifted, updatedBy, updatedAt, runsAfter } = action;
  const takeover = 'takeover' in action ? action.takeover : undefined;
  const reasons = action.kind === 'replace' ? action.reasons : undefined;
  const attributes = 'attributes' in action ? action.attributes : undefined;
  return {
    kind,
    key,
    file,
    line,
    owner,
    digest,
    changes: changes.map(changeDocument),
    drifted,
    updatedBy,
    updatedAt,
    takeover,
    reasons,
    attributes,
    runsAfter,
  };
}

/** Returns a change with its path as text. */
export function changeDocument(change: Change): Readonly<Record<string, unknown>> {
  return { path: pathOf(change), from: change.from, to: change.to, cause: change.cause };
}

/** Returns the JSON members of a compared connection, which are the same in every document. */
export function driftDocument({
  key,
  state,
  changes,
  updatedBy,
  updatedAt,
  file,
  line,
}: DriftedConnection): Readonly<Record<string, unknown>> {
  return { key, state, changes: changes.map(changeDocument), updatedBy, updatedAt, file, line };
}

/** Returns an event as one flat JSON object. */
export function eventDocument(event: SyncEvent): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case 'problem':
      return { type: event.type, ...problemDocument(event.problem), phase: event.phase };
    case 'action':
      return { type: event.type, ...actionDocument(event.action) };
    case 'drift':
      return { type: event.type, ...driftDocument(event.connection) };
    case 'start':
    case 'files-changed':
    case 'plan-skipped':
    case 'action-deferred':
    case 'scheduled':
    case 'drift-summary':
    case 'file-written':
    case 'file-skipped':
    case 'loaded':
    case 'planned':
    case 'started':
    case 'applied':
    case 'failed':
    case 'skipped':
    case 'stopping':
    case 'progress':
    case 'waiting':
    case 'recorded':
    case 'rate-limit':
    case 'record-failed':
    case 'end':
      return event;
    default:
      return event satisfies never;
  }
}
