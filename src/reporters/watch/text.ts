import type { Compared, Target } from '../../core/event.ts';
import type { DriftedConnection } from '../../core/drift.ts';
import type { Action, Summary } from '../../core/plan.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { changeLines } from '../human/changes-text.ts';
import { titleOf } from '../human/plan-text.ts';
import { ACTION_KINDS, plural, type Style } from '../human/style.ts';

/** The indent of lines that belong to a line with a time. */
export const INDENT = ' '.repeat(10);

export interface Heading {
  readonly target: Target;
  readonly compared: Compared;
  readonly folders: readonly string[];
  /** Whether watch applies every save. */
  readonly applies: boolean;
  /** Whether the user can press keys. */
  readonly interactive: boolean;
}

export function watchHeading({ target, compared, folders, applies, interactive }: Heading, style: Style): string {
  const head = [
    style.bold('connsync watch'),
    applies ? style.yellow('applies creates and updates after every save') : 'plan only',
    escapeControl(target.site),
    compared.length === 2 ? 'lockfile + live Datadog' : 'offline, lockfile only',
    ...folders.map((folder) => `${escapeControl(folder)}/`),
  ].join('   ');
  return interactive ? `${head}\n${style.dim(KEY_LINE)}` : head;
}

const KEY_LINE = 'q quit   a apply   p plan   r refresh   ? help';

export const KEY_HELP = [
  'a   apply the plan, after confirmation',
  'p   show the full plan',
  'r   check for drift now',
  '?   show this help',
  'q   quit, as Ctrl-C does',
];

/** Returns a one-line summary of a plan that contains nothing new. */
export function watchSummary(manifests: number, summary: Summary): string {
  const { create, update, replace, adopt, forget } = summary;
  const parts: readonly (readonly [number, string])[] = [
    [create + replace, 'to add'],
    [update, 'to change'],
    [summary.delete + replace, 'to destroy'],
    [adopt, 'to adopt'],
    [forget, 'to forget'],
  ];
  const todo = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  return [`${plural(manifests, 'manifest')} valid`, ...(todo.length === 0 ? ['no changes'] : todo)].join(', ');
}

/** Returns an action as one line, followed by its changes if there is more than one. */
export function actionLines(action: Action, style: Style): readonly string[] {
  const { sign, title, color } = ACTION_KINDS[action.kind];
  const head = `${style[color](sign)} ${style.bold(escapeControl(action.key))}`;
  // The line about the drift already lists these changes.
  if (action.changes.length > 0 && action.changes.every(({ cause }) => cause === 'drift'))
    return [`${head}  an apply would revert it`];
  const changes = changeLines(action.changes, style, action.kind === 'replace' ? action.reasons : []);
  const [only = '', ...more] = changes;
  // Paths are padded to align with other lines; a single line needs no padding.
  if (action.kind === 'update' && changes.length === 1) return [`${head}  ${only.replace(/ {2,}/, ' ')}`];
  const what = style[color](titleOf(action, title));
  return [`${head}  ${what}`, ...(changes.length === 0 ? [] : [only, ...more]).map((line) => `  ${line}`)];
}

/** Returns the lines that report how a connection was changed in Datadog. */
export function newDriftLines(
  { key, state, changes, updatedBy, updatedAt }: DriftedConnection,
  style: Style,
): readonly string[] {
  const name = style.bold(escapeControl(key));
  if (state === 'missing') return [`${style.red(style.bad)} ${name}  ${style.red('deleted outside Git')}`];
  if (state !== 'changed') return [`${style.green(style.ok)} ${name}  no longer drifted`];
  const who = updatedBy === undefined ? 'an unknown user' : escapeControl(updatedBy);
  const when = updatedAt === undefined ? '' : `, ${style.when(updatedAt)}`;
  // Every change here is drift, so the lines need not repeat it.
  const lines = changeLines(changes, style).map((line) => `  ${line}`);
  return [`${style.magenta('!')} ${name}  ${style.magenta(`edited in Datadog by ${who}${when}`)}`, ...lines];
}

/** Returns a time as the local time of day, for example `14:05:09`. */
export function clockText(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}

/** Returns a duration as a countdown, for example `4m 12s`. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  if (hours > 0) return `${hours}h ${minutes}m`;
  return minutes > 0 ? `${minutes}m ${seconds % 60}s` : `${seconds}s`;
}
