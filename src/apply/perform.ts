import { splitKey } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Action } from '../core/plan.ts';
import type { Answer, ConnectionsWriter, RequestError } from '../core/ports.ts';
import type { Ending, Left } from './ledger.ts';

/** An action that sends something; adopt and forget only move a record. */
export type SendingAction = Extract<Action, { readonly kind: 'create' | 'update' | 'replace' | 'delete' }>;

export function sends(action: Action): action is SendingAction {
  return action.kind !== 'adopt' && action.kind !== 'forget';
}

/**
 * Sends the requests of one action, one after the other, and says how it ended. The first that isn't done ends it:
 * what an earlier one of them did stays done, and the next plan sees it in what is live.
 */
export async function perform(action: SendingAction, api: ConnectionsWriter, cut: AbortSignal): Promise<Ending> {
  const identity = splitKey(action.key);
  switch (action.kind) {
    case 'create':
      return endingOf(await api.create({ ...identity, spec: action.to }, cut));
    case 'delete':
      return goneOr(await api.remove(identity, cut));
    case 'replace': {
      const removed = goneOr(await api.remove(identity, cut));
      if (removed.state !== 'applied') return removed;
      const created = endingOf(await api.create({ ...identity, spec: action.to }, cut));
      return after(removed, created, { why: 'it was deleted, and is not created again', left: 'nothing' });
    }
    case 'update': {
      const [first = {}, second] = action.steps;
      const changed = endingOf(await api.update({ ...identity, delta: first }, cut));
      if (changed.state !== 'applied' || second === undefined) return changed;
      const without = (second.add ?? []).map(({ id }) => id);
      const completed = endingOf(await api.update({ ...identity, delta: second }, cut));
      return after(changed, completed, { why: 'an earlier request of it was done', left: { without } });
    }
    default:
      return action satisfies never;
  }
}

/** A connection that is gone already is what a delete wants. */
function goneOr(answer: Answer): Ending {
  return answer.kind === 'missing' ? { state: 'applied', attempts: answer.attempts } : endingOf(answer);
}

/** Adds what went before: its attempts, and where the action did not end well now, what had been done by then. */
function after(
  before: Ending & { readonly state: 'applied' },
  ending: Ending,
  done: { readonly why: string; readonly left: Left },
): Ending {
  if (ending.state === 'skipped') return ending;
  const attempts = before.attempts + ending.attempts;
  if (ending.state === 'applied') return { ...ending, attempts };
  return {
    ...ending,
    attempts,
    left: done.left,
    error: { ...ending.error, message: `${ending.error.message} (${done.why})` },
  };
}

function endingOf(answer: Answer): Ending {
  switch (answer.kind) {
    case 'done':
      return { state: 'applied', attempts: answer.attempts };
    case 'exists':
    case 'unclear':
      return { state: 'unclear', attempts: answer.attempts, error: answer.error };
    case 'denied':
      return { state: 'failed', attempts: answer.attempts, error: answer.error, ends: rejected(answer.error) };
    case 'missing':
    case 'refused':
    case 'unsent':
      return { state: 'failed', attempts: answer.attempts, error: answer.error };
    default:
      return answer satisfies never;
  }
}

function rejected({ method, path, message }: RequestError): Failure {
  return new Failure(
    'credentials-rejected',
    `Datadog said ${message} to ${method} ${path}, and nothing more was attempted`,
    {
      hint: 'the application key needs audience_management_read and audience_management_write',
    },
  );
}
