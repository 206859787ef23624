import type { PageConnection, PageDocument, PageRun, PageState, PageSummary, PageView } from '../document.ts';

/** The sign, the title in the list, the label in the filters, and the colour of each state. */
export const STATE_STYLES: Readonly<
  Record<PageState, { readonly sign: string; readonly title: string; readonly filter: string; readonly tone: Tone }>
> = {
  invalid: { sign: '✗', title: 'invalid', filter: 'Invalid', tone: 'red' },
  create: { sign: '+', title: 'will create', filter: 'Create', tone: 'green' },
  change: { sign: '~', title: 'will change', filter: 'Change', tone: 'yellow' },
  replace: { sign: '∓', title: 'will replace', filter: 'Replace', tone: 'red' },
  delete: { sign: '−', title: 'will delete', filter: 'Delete', tone: 'red' },
  drifted: { sign: '!', title: 'drifted', filter: 'Drifted', tone: 'magenta' },
  orphaned: { sign: '○', title: 'orphaned', filter: 'Orphaned', tone: 'grey' },
  adopt: { sign: '=', title: 'will adopt', filter: 'Adopt', tone: 'blue' },
  forget: { sign: '×', title: 'will forget', filter: 'Forget', tone: 'blue' },
  unplanned: { sign: '…', title: 'not planned', filter: 'Not planned', tone: 'grey' },
  'left-out': { sign: '·', title: 'excluded', filter: 'Excluded', tone: 'grey' },
  unmanaged: { sign: '?', title: 'unmanaged', filter: 'Unmanaged', tone: 'grey' },
  'in-sync': { sign: '✓', title: 'in sync', filter: 'In sync', tone: 'green' },
};

export type Tone = 'green' | 'yellow' | 'red' | 'magenta' | 'blue' | 'grey';

export const SIDE_NAMES: Readonly<Record<PageView, string>> = { git: 'Git', lockfile: 'Lockfile', live: 'Datadog' };

/** Returns what an apply would do with the connection, and why. */
export function sentenceOf(connection: PageConnection, isLive: boolean): string {
  const { states, drift, takeover, reasons = [], protect } = connection;
  switch (states[0]) {
    case 'in-sync':
      return isLive
        ? 'Git, the lockfile and Datadog agree.'
        : 'Git and the lockfile agree. This plan did not read Datadog.';
    case 'create':
      return drift?.missing === true
        ? 'It was deleted outside Git. An apply would create it again.'
        : 'An apply would create it.';
    case 'change':
      return takeover === true
        ? 'It exists in Datadog with different contents, and is not in the lockfile. An apply needs --adopt to change it.'
        : 'An apply would update it in place.';
    case 'replace':
      return `Datadog cannot edit ${reasons.join(', ')}. An apply would delete and recreate it; audiences cannot use its fields until it is recreated.`;
    case 'delete':
      return 'It has no manifest. An apply would delete it.';
    case 'drifted':
      return drift?.setBack === true
        ? "It was changed outside Git. An apply would restore Git's version."
        : 'It was changed outside Git. An apply would keep that change.';
    case 'orphaned':
      return protect === true
        ? 'It has no manifest. It is protected, so an apply would keep it.'
        : 'It has no manifest. Without --prune, an apply would keep it.';
    case 'adopt':
      return 'It exists in Datadog and equals its manifest. An apply would only record it.';
    case 'forget':
      return 'It has no manifest, and Datadog does not have it. An apply would remove its record.';
    case 'invalid':
      return 'Its manifest has an error, so connsync plans nothing for it.';
    case 'unmanaged':
      return 'It exists only in Datadog. It has no manifest and no record, so connsync does not manage it.';
    case 'unplanned':
      return 'connsync could not make a plan; see the problems.';
    case 'left-out':
      return '--target or --exclude excludes it.';
    default:
      return states[0] satisfies never;
  }
}

/** Returns the command that the user should run next for a connection, if there is one. */
export function nextStepOf({ states, drift, name }: PageConnection): string | undefined {
  if (states[0] === 'unmanaged') return `connsync import ${name}`;
  if (states[0] === 'orphaned') return `connsync state rm ${name}`;
  return drift !== undefined && !drift.missing ? `connsync accept ${name}` : undefined;
}

/** Returns the summary line of the page. If planning failed, the line says so instead of summarising the last plan. */
export function headlineText({ triedAt, summary, problems }: PageDocument): string {
  if (triedAt !== undefined) {
    const errors = problems.filter(({ severity }) => severity === 'error').length;
    return errors === 0 ? 'Nothing is planned' : `${plural(errors, 'error')}: nothing is planned`;
  }
  return summary === undefined ? 'No plan' : summaryText(summary);
}

export function summaryText({ add, change, destroy, record }: PageSummary): string {
  if (add + change + destroy + record === 0) return 'No changes';
  const parts = [
    ...(add > 0 ? [`${add} to add`] : []),
    ...(change > 0 ? [`${change} to change`] : []),
    ...(destroy > 0 ? [`${destroy} to destroy`] : []),
    ...(record > 0 ? [`${record} to record`] : []),
  ];
  return parts.join(', ');
}

export function runText(run: PageRun): string {
  switch (run.kind) {
    case 'plan':
      return summaryText(run.summary);
    case 'plan-skipped':
      return `nothing planned: ${plural(run.errors, 'error')}`;
    case 'apply':
      return [
        `${run.applied} applied`,
        ...(run.failed > 0 ? [`${run.failed} failed`] : []),
        ...(run.skipped > 0 ? [`${run.skipped} not attempted`] : []),
      ].join(', ');
    case 'drift':
      return driftText(run);
    default:
      return run satisfies never;
  }
}

function driftText({ state, changes, by }: PageRun & { readonly kind: 'drift' }): string {
  const who = by === undefined ? '' : ` by ${by}`;
  switch (state) {
    case 'changed':
      return `${plural(changes, 'value')} changed in Datadog${who}`;
    case 'missing':
      return `deleted in Datadog${who}`;
    case 'unmanaged':
      return 'no longer recorded';
    case 'in-sync':
      return 'back to the recorded state';
    default:
      return state satisfies never;
  }
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Returns a time in the reader's time zone, without the date if it is today. An invalid time is shown unchanged. */
export function timeText(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return time.toDateString() === new Date().toDateString()
    ? `${clockOf(time)}:${two(time.getSeconds())}`
    : `${dayOf(time)} ${clockOf(time)}`;
}

/**
 * Returns a time for a saved report, always with the date and the reader's time zone. An invalid time is shown
 * unchanged.
 */
export function momentText(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const parts = new Intl.DateTimeFormat(undefined, { timeZoneName: 'short' }).formatToParts(time);
  const zone = parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return `${dayOf(time)} ${clockOf(time)} ${zone}`.trim();
}

function dayOf(time: Date): string {
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
}

function clockOf(time: Date): string {
  return `${two(time.getHours())}:${two(time.getMinutes())}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
