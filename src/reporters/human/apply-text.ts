import type { Counts, SyncEvent } from '../../core/event.ts';
import type { ActionKind } from '../../core/plan.ts';
import type { RequestError } from '../../core/ports.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { ACTION_KINDS, seconds, type Style } from './style.ts';

type OutcomeEvent = Extract<SyncEvent, { readonly type: 'applied' | 'failed' | 'skipped' }>;

/** The kind of an applied action. `already-gone` is a delete that found no connection to delete. */
export type DoneKind = ActionKind | 'already-gone';

export interface FailedAction {
  readonly kind: ActionKind;
  readonly key: string;
  readonly error: RequestError;
  readonly file: string | undefined;
}

/** Returns the output for the outcome of an action. */
export function outcomeLine(event: OutcomeEvent, width: number, style: Style): string {
  const key = escapeControl(event.key).padEnd(width);
  switch (event.type) {
    case 'applied': {
      const again = event.retries === 0 ? '' : `  ${retriesText(event.retries)}`;
      const done = event.alreadyGone === true ? 'already gone' : ACTION_KINDS[event.kind].done;
      return `${style.green(style.ok)} ${key}  ${done.padEnd(9)}  ${seconds(event.ms)}${again}\n`;
    }
    case 'failed':
      return `${style.red(style.bad)} ${key}  ${'failed'.padEnd(9)}  ${seconds(event.ms)}  ${errorText(event.error)}\n`;
    case 'skipped':
      return `${style.dim('-')} ${key}  not attempted\n`;
    default:
      return event satisfies never;
  }
}

/** Returns how often a request was retried, in words. */
export function retriesText(retries: number): string {
  return retries === 1 ? 'retried once' : `retried ${retries} times`;
}

/**
 * Returns whether an apply completed its plan and recorded the result. A signal after that point doesn't make the apply
 * incomplete. `actions` and `errors` are counts.
 */
export function isComplete(
  { exitCode, applied }: Pick<Extract<SyncEvent, { readonly type: 'end' }>, 'exitCode' | 'applied'>,
  { actions, errors }: { readonly actions: number; readonly errors: number },
): boolean {
  if (exitCode !== 130 && exitCode !== 143) return exitCode === 0;
  return applied === actions && errors === 0;
}

/**
 * Returns the result of an apply in Terraform's words. `done` counts the applied actions by kind; `complete` is the
 * result of `isComplete`.
 */
export function applySentence(done: ReadonlyMap<DoneKind, number>, counts: Counts, complete: boolean): string {
  const of = (kind: DoneKind): number => done.get(kind) ?? 0;
  const resources = `Resources: ${of('create') + of('replace')} added, ${of('update')} changed, ${of('delete') + of('replace')} destroyed.`;
  const rest = [
    ...(of('adopt') > 0 ? [`${of('adopt')} adopted.`] : []),
    ...(of('forget') > 0 ? [`${of('forget')} forgotten.`] : []),
    ...(of('already-gone') > 0 ? [`${of('already-gone')} already gone.`] : []),
    ...(complete ? [] : [`${counts.failed} failed. ${counts.skipped} not attempted.`]),
  ];
  return [complete ? 'Apply complete!' : 'Apply incomplete.', resources, ...rest].join(' ');
}

/** Returns the full text of a failed action: the request, the response, and the next step. */
export function failureBlock({ key, error, file }: FailedAction, style: Style): string {
  const { status, method, path, requestId } = error;
  const request = `${method} ${escapeControl(path)}${requestId === undefined ? '' : `  request-id ${escapeControl(requestId)}`}`;
  const next =
    error.hint !== undefined
      ? escapeControl(error.hint)
      : status === undefined || status >= 500
        ? 'run connsync apply again; it checks what happened and sends only what is missing'
        : `fix ${file === undefined ? 'it' : escapeControl(file)}, then run connsync apply again`;
  return `${style.red(style.bad)} ${escapeControl(key)}  ${request}\n  ${errorText(error)}\n  ${style.next} ${next}\n`;
}

/** Returns the status and message of Datadog's response on one line. */
export function errorText({ status, message }: RequestError): string {
  const text = escapeControl(message);
  return status === undefined || text.startsWith(String(status)) ? text : `${status} ${text}`;
}
