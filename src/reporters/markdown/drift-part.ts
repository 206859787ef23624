import type { DriftedConnection, DriftState } from '../../core/drift.ts';
import { truncateParts, type Part } from './truncate.ts';
import { changeLine } from './change-text.ts';
import { placeOf } from './plan-part.ts';
import { code, inlineProse } from './escape.ts';
import { plural } from '../human/style.ts';

/** The maximum number of characters for each connection in the details. */
const MOST_OF_ONE = 6_000;
/** The states in order of urgency. Connections in sync are only counted. */
const ORDER: readonly DriftState[] = ['changed', 'missing', 'unmanaged'];

/** Returns a table of connections that are not in sync: their state in Git, lockfile and Datadog, and what happened. */
export function driftPart(connections: readonly DriftedConnection[]): Part {
  const sorted = ORDER.flatMap((state) => connections.filter((connection) => connection.state === state));
  return {
    open: '\n| | Connection | Git | Lockfile | Datadog | What happened | Manifest |\n| --- | --- | --- | --- | --- | --- | --- |\n',
    count: sorted.length,
    item: (index) => rowOf(sorted[index]),
    close: '',
    rest: (left) => `\n… and ${plural(left, 'more connection')}\n`,
  };
}

/** Returns every change made in Datadog, in a collapsed section. */
export function driftDetailPart(connections: readonly DriftedConnection[]): Part {
  const reporting = connections.filter(({ changes }) => changes.length > 0);
  return {
    open: '\n<details><summary>Details</summary>\n',
    count: reporting.length,
    item: (index) => detailsOf(reporting[index]),
    close: '\n</details>\n',
    rest: (left) => `\n… and the details of ${plural(left, 'more connection')}\n`,
  };
}

/** Returns one suggested command for each state that needs a decision. */
export function driftNextSteps(connections: readonly DriftedConnection[]): string {
  const first = (state: DriftState): string | undefined =>
    connections.find((connection) => connection.state === state)?.key;
  const changed = first('changed');
  const unmanaged = first('unmanaged');
  const steps = [
    ...(changed === undefined && first('missing') === undefined
      ? []
      : [`- <code>connsync apply</code> restores Git's version\n`]),
    ...(changed === undefined
      ? []
      : [`- ${code(`connsync accept ${changed}`)} copies Datadog's version into the manifest\n`]),
    ...(unmanaged === undefined ? [] : [`- ${code(`connsync import ${unmanaged}`)} writes a manifest for it\n`]),
  ];
  return steps.length === 0 ? '' : `\n${steps.join('')}`;
}

function rowOf(connection: DriftedConnection | undefined): string {
  if (connection === undefined) return '';
  const { key, state, sides } = connection;
  const mark = state === 'changed' ? '!' : state === 'missing' ? '✗' : '?';
  const cells = [sides.git ?? '-', sides.lock ?? '-', sides.live ?? (state === 'missing' ? 'gone' : '-')];
  return `| ${[mark, code(key), ...cells.map((cell) => inlineProse(cell)), whatHappened(connection), placeOf(connection)].join(' | ')} |\n`;
}

function whatHappened({ state, updatedBy, updatedAt }: DriftedConnection): string {
  if (state === 'missing') return 'deleted outside Git';
  if (state === 'unmanaged') return 'unmanaged';
  const who = updatedBy === undefined ? 'an unknown user' : code(updatedBy);
  return `edited in Datadog by ${who}${updatedAt === undefined ? '' : `, ${inlineProse(updatedAt)}`}`;
}

function detailsOf(connection: DriftedConnection | undefined): string {
  if (connection === undefined) return '';
  const { key, changes } = connection;
  const part: Part = {
    open: '',
    count: changes.length,
    item: (index) =>
      changes
        .slice(index, index + 1)
        .map((change) => changeLine(change, { withCause: false }))
        .join(''),
    close: '',
    rest: (left) => `- … and ${left} more\n`,
  };
  return truncateParts(`\n${code(key)}\n\n`, [part], MOST_OF_ONE);
}
