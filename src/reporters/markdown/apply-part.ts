import type { Action } from '../../core/plan.ts';
import { errorText, retriesText } from '../human/apply-text.ts';
import type { Part } from './truncate.ts';
import { placeOf } from './plan-part.ts';
import { code, inlineProse } from './escape.ts';
import type { OutcomeEvent } from '../run-record.ts';
import { ACTION_KINDS, plural, seconds } from '../human/style.ts';

type Failed = Extract<OutcomeEvent, { readonly type: 'failed' }>;

/** The maximum number of characters of Datadog's response in the list of failures. */
const ANSWER = 1_000;
/** The order of outcomes in the table. Failures come first, because they need attention. */
const ORDER: readonly OutcomeEvent['type'][] = ['failed', 'skipped', 'applied'];

/** Returns each failure in full: the request and the response. */
export function failurePart(outcomes: readonly OutcomeEvent[], actions: readonly Action[]): Part {
  const failures = outcomes.filter((outcome) => outcome.type === 'failed');
  const places = placesOf(actions);
  return {
    open: `\n**${failures.length} failed**\n\n`,
    count: failures.length,
    item: (index) => failureLine(failures[index], places),
    close: '',
    rest: (left) => `\n… and ${plural(left, 'more failure')}\n`,
  };
}

/** Returns a table with the outcome of each action. */
export function outcomePart(outcomes: readonly OutcomeEvent[], actions: readonly Action[]): Part {
  const sorted = ORDER.flatMap((type) => outcomes.filter((outcome) => outcome.type === type));
  const places = placesOf(actions);
  return {
    open: '\n| | Connection | Outcome | Manifest |\n| --- | --- | --- | --- |\n',
    count: sorted.length,
    item: (index) => rowOf(sorted[index], places),
    close: '',
    rest: (left) => `\n… and ${plural(left, 'more action')}\n`,
  };
}

function failureLine(failed: Failed | undefined, places: ReadonlyMap<string, Action>): string {
  if (failed === undefined) return '';
  const { key, error } = failed;
  const { method, path, requestId } = error;
  const request = code(`${method} ${path}${requestId === undefined ? '' : `  request-id ${requestId}`}`);
  return `- ${code(key)} ${placeOf(places.get(key) ?? {})} ${inlineProse(errorText(error), ANSWER)}<br>${request}\n`;
}

function rowOf(outcome: OutcomeEvent | undefined, places: ReadonlyMap<string, Action>): string {
  if (outcome === undefined) return '';
  const { kind, key } = outcome;
  return `| ${code(ACTION_KINDS[kind].sign)} | ${code(key)} | ${endingOf(outcome)} | ${placeOf(places.get(key) ?? {})} |\n`;
}

function endingOf(outcome: OutcomeEvent): string {
  switch (outcome.type) {
    case 'applied': {
      const again = outcome.retries === 0 ? '' : `, ${retriesText(outcome.retries)}`;
      return `✓ ${ACTION_KINDS[outcome.kind].done} in ${seconds(outcome.ms)}${again}`;
    }
    case 'failed':
      return `✗ failed: ${inlineProse(errorText(outcome.error))}`;
    case 'skipped':
      return 'not attempted';
    default:
      return outcome satisfies never;
  }
}

function placesOf(actions: readonly Action[]): ReadonlyMap<string, Action> {
  return new Map(actions.map((action) => [action.key, action]));
}
