import type { DriftedConnection, DriftState, DriftSummary } from '../../core/drift.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { changeLines } from './changes-text.ts';
import type { Style } from './style.ts';

const STATES: Readonly<
  Record<DriftState, { readonly color: 'green' | 'magenta' | 'red' | 'dim'; readonly what: string }>
> = {
  'in-sync': { color: 'green', what: 'in sync' },
  changed: { color: 'magenta', what: 'edited in Datadog' },
  missing: { color: 'red', what: 'deleted outside Git' },
  unmanaged: { color: 'dim', what: 'unmanaged' },
};

/**
 * Returns the drift report: one row per connection with its state in Git, lockfile and Datadog, then the next steps.
 */
export function driftText(
  connections: readonly DriftedConnection[],
  { summary, site }: { readonly summary: DriftSummary; readonly site: string },
  style: Style,
): string {
  const width = Math.min(48, Math.max(10, ...connections.map(({ key }) => escapeControl(key).length)));
  const head = `  ${'CONNECTION'.padEnd(width)}  GIT   LOCK  LIVE  WHAT HAPPENED`;
  const rows = connections.flatMap((connection) => [
    rowOf(connection, width, style),
    ...changeLines(connection.changes.map(withoutCause), style).map((line) => `    ${line}`),
  ]);
  return `${[...(connections.length === 0 ? [] : [style.bold(head), ...rows, '']), driftSentence(summary), ...nextSteps(connections, site, style)].join('\n')}\n`;
}

function rowOf({ key, state, sides, updatedBy, updatedAt }: DriftedConnection, width: number, style: Style): string {
  const { color, what } = STATES[state];
  const mark = { 'in-sync': style.ok, changed: '!', missing: style.bad, unmanaged: '?' }[state];
  const cell = (side: string | undefined, none: string): string => (side ?? none).padEnd(4);
  const columns = `${cell(sides.git, '-')}  ${cell(sides.lock, '-')}  ${cell(sides.live, state === 'missing' ? 'gone' : '-')}`;
  const who =
    state === 'changed'
      ? ` by ${updatedBy === undefined ? 'unknown' : escapeControl(updatedBy)}${updatedAt === undefined ? '' : `, ${style.when(updatedAt)}`}`
      : '';
  return `${style[color](mark)} ${escapeControl(key).padEnd(width)}  ${columns}  ${style[color](`${what}${who}`)}`;
}

/** Returns a sentence with the number of connections in each state. */
export function driftSentence(summary: DriftSummary): string {
  return `${summary.changed} drifted, ${summary.missing} missing, ${summary.unmanaged} unmanaged, ${summary['in-sync']} in sync.`;
}

function nextSteps(connections: readonly DriftedConnection[], site: string, style: Style): readonly string[] {
  const first = (state: DriftState): string | undefined =>
    connections.find((connection) => connection.state === state)?.key;
  const changed = first('changed');
  const unmanaged = first('unmanaged');
  const steps: readonly (readonly [string, string])[] = [
    ...(changed === undefined && first('missing') === undefined
      ? []
      : [['connsync apply', "restore Git's version"] as const]),
    ...(changed === undefined
      ? []
      : [[`connsync accept ${escapeControl(changed)}`, "copy Datadog's version into the manifest"] as const]),
    ...(unmanaged === undefined
      ? []
      : [[`connsync import ${escapeControl(unmanaged)}`, 'write a manifest for it'] as const]),
  ];
  // The suggested commands must run against the same site.
  const at = site === 'local' ? ' --site local' : '';
  const width = Math.max(0, ...steps.map(([command]) => command.length + at.length));
  return steps.map(([command, what]) => `  ${style.cyan(`${command}${at}`.padEnd(width))}   ${what}`);
}

/** Returns a change whose line doesn't mention drift, because every change in this report is drift. */
function withoutCause<T extends { readonly cause: 'git' | 'drift' }>(change: T): T {
  return { ...change, cause: 'git' };
}
