import type { PageConnection, PageDocument, PageRun, PageState, PageSummary, PageView } from '../document.ts';

/** How each state is marked, named in the list and among the filters, and in which colour. */
export const LOOKS: Readonly<
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
  'left-out': { sign: '·', title: 'left out', filter: 'Left out', tone: 'grey' },
  unmanaged: { sign: '?', title: 'unmanaged', filter: 'Unmanaged', tone: 'grey' },
  'in-sync': { sign: '✓', title: 'in sync', filter: 'In sync', tone: 'green' },
};

export type Tone = 'green' | 'yellow' | 'red' | 'magenta' | 'blue' | 'grey';

export const SIDE_NAMES: Readonly<Record<PageView, string>> = { git: 'Git', lockfile: 'Lockfile', live: 'Datadog' };

/** What an apply would do about it, and why. */
export function sentenceOf(connection: PageConnection, isLive: boolean): string {
  const { states, drift, takeover, reasons = [], protect } = connection;
  switch (states[0]) {
    case 'in-sync':
      return isLive ? 'Git, lockfile and Datadog agree.' : 'Git and lockfile agree. Datadog was not asked.';
    case 'create':
      return drift?.missing === true
        ? 'It was deleted outside Git. An apply would create it again.'
        : 'An apply would create it.';
    case 'change':
      return takeover === true
        ? 'It is in Datadog with other contents, and not in the lockfile. An apply would change it, but only with --adopt.'
        : 'An apply would update it in place.';
    case 'replace':
      return `Datadog cannot edit ${reasons.join(', ')}. An apply would delete it and create it again; its fields are unavailable to audiences for the moment in between.`;
    case 'delete':
      return 'No manifest describes it any more. An apply would delete it.';
    case 'drifted':
      return drift?.setBack === true
        ? "It was changed outside Git. An apply would put Git's version back."
        : 'It was changed outside Git, and an apply would leave that alone.';
    case 'orphaned':
      return protect === true
        ? 'No manifest describes it any more. It is protected, and left alone.'
        : 'No manifest describes it any more. It is left alone without --prune.';
    case 'adopt':
      return 'It is in Datadog already, and equal. An apply would record it, without a request.';
    case 'forget':
      return 'It is gone from Datadog, and no manifest describes it. An apply would drop its record.';
    case 'invalid':
      return 'Its manifest has an error, so nothing is planned for it.';
    case 'unmanaged':
      return 'It is in Datadog alone. Neither a manifest nor the lockfile knows it, and no apply touches it.';
    case 'unplanned':
      return 'Nothing could be planned; the problems say why.';
    case 'left-out':
      return '--target and --exclude leave it out.';
    default:
      return states[0] satisfies never;
  }
}

/** The one next step on a command line, where there is one. */
export function nextStepOf({ states, drift, name }: PageConnection): string | undefined {
  if (states[0] === 'unmanaged') return `connsync import ${name}`;
  if (states[0] === 'orphaned') return `connsync state rm ${name}`;
  return drift !== undefined && !drift.missing ? `connsync accept ${name}` : undefined;
}

/** What the page is about in one line. While nothing can be planned that is what it says, and not the sum of the last plan. */
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
      return 'as recorded again';
    default:
      return state satisfies never;
  }
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** A moment in the reader's own time: without its date where that is today's. What is no time is shown as it came. */
export function timeText(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  return time.toDateString() === new Date().toDateString()
    ? `${clockOf(time)}:${two(time.getSeconds())}`
    : `${dayOf(time)} ${clockOf(time)}`;
}

/** The same for who reads it later and elsewhere: always with its date, and with the name of the reader's zone. */
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
