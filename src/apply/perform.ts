import { splitKey } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Action } from '../core/plan.ts';
import type { Answer, ConnectionsWriter, RequestError } from '../core/ports.ts';
import type { Ending } from './ledger.ts';

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
    case 'update':
      return inTurn(action.steps.map((delta) => () => api.update({ ...identity, delta }, cut)));
    case 'delete':
      return goneOr(await api.remove(identity, cut));
    case 'replace': {
      const removed = goneOr(await api.remove(identity, cut));
      if (removed.state !== 'applied') return removed;
      return after(
        removed.attempts,
        endingOf(await api.create({ ...identity, spec: action.to }, cut)),
        'it was deleted, and is not created again',
      );
    }
    default:
      return action satisfies never;
  }
}

async function inTurn(requests: readonly (() => Promise<Answer>)[]): Promise<Ending> {
  let ending: Ending = { state: 'applied', attempts: 0 };
  for (const [index, send] of requests.entries()) {
    const next = endingOf(await send());
    ending = after(
      'attempts' in ending ? ending.attempts : 0,
      next,
      index === 0 ? undefined : 'an earlier request of it was done',
    );
    if (ending.state !== 'applied') return ending;
  }
  return ending;
}

/** A connection that is gone already is what a delete wants. */
function goneOr(answer: Answer): Ending {
  return answer.kind === 'missing' ? { state: 'applied', attempts: answer.attempts } : endingOf(answer);
}

/** Adds what went before: its attempts, and where the action failed now, what had been done by then. */
function after(attempts: number, ending: Ending, done: string | undefined): Ending {
  if (ending.state === 'skipped') return ending;
  const sum = attempts + ending.attempts;
  if (ending.state === 'applied' || done === undefined) return { ...ending, attempts: sum };
  return { ...ending, attempts: sum, error: { ...ending.error, message: `${ending.error.message} (${done})` } };
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
