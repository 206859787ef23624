import type { Compared, Target } from '../../core/event.ts';
import type { Field, Spec } from '../../core/connection.ts';
import { splitKey } from '../../core/connection.ts';
import type { Action, Refusal, Summary } from '../../core/plan.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { changeLines, driftChangeLines } from './changes-text.ts';
import { duration, ACTION_KINDS, plural, type Style } from './style.ts';

export interface PlanText {
  readonly command: string;
  readonly target: Target;
  readonly compared: Compared;
  readonly manifests: number;
  readonly entities: number;
  readonly ms: number;
  readonly actions: readonly Action[];
  readonly refusals: readonly Refusal[];
  readonly summary: Summary;
}

/** Returns one line that names the command, the site, and whether the plan is live or offline. */
export function planHeading({ command, target, compared, manifests, entities, ms }: PlanText, style: Style): string {
  const mode = compared.length === 2 ? 'lockfile + live Datadog' : 'offline, lockfile only';
  const read = `${plural(manifests, 'manifest')}, ${entities === 1 ? '1 entity' : `${entities} entities`}, ${duration(ms)}`;
  return `${style.bold(`connsync ${command}`)}   ${escapeControl(target.site)}   ${mode}   ${style.dim(read)}`;
}

/**
 * Yields a block for each action, then the drift, then the refusals. It yields pieces because a plan can have tens of
 * thousands of actions.
 */
export function* planBody({ actions, refusals }: PlanText, style: Style): Iterable<string> {
  for (const action of actions) yield `${actionText(action, style)}\n\n`;
  for (const action of actions) if (action.drifted) yield `${driftText(action, style)}\n\n`;
  for (const { message, hint } of refusals) {
    yield `${style.red('An apply would be refused:')} ${escapeControl(message)}.\n  ${style.next} ${escapeControl(hint)}\n\n`;
  }
}

/** Returns Terraform's plan sentence, which scripts already parse, followed by connsync's own counts. */
export function planSentence(summary: Summary): string {
  const { create, update, replace, adopt, forget } = summary;
  const any = create + update + replace + summary.delete + adopt + forget > 0;
  const first = any
    ? `Plan: ${create + replace} to add, ${update} to change, ${summary.delete + replace} to destroy.`
    : 'No changes.';
  const rest: readonly (readonly [number, string])[] = [
    [replace, plural(replace, 'replacement')],
    [adopt, `${adopt} to adopt`],
    [forget, `${forget} to forget`],
    [summary.unchanged, `${summary.unchanged} unchanged`],
    [summary.orphaned, `${summary.orphaned} orphaned, left alone`],
    [summary.unmanaged, `${summary.unmanaged} unmanaged, left alone`],
    [summary.filtered ?? 0, `${summary.filtered ?? 0} left out by --target and --exclude`],
  ];
  return [first, ...rest.filter(([count]) => count > 0).map(([, text]) => `${text}.`)].join(' ');
}

function actionText(action: Action, style: Style): string {
  const { sign, title, color } = ACTION_KINDS[action.kind];
  const paint = style[color];
  const file = action.file === undefined ? [] : [style.dim(escapeControl(action.file))];
  const owner = action.owner === undefined ? [] : [style.dim(`owner ${escapeControl(action.owner)}`)];
  const head = [
    `${paint(sign)} ${style.bold(escapeControl(action.key))}  ${paint(titleOf(action, title))}`,
    ...file,
    ...owner,
  ].join('   ');
  return [head, ...detailsOf(action, style).map((line) => `    ${line}`)].join('\n');
}

export function titleOf(action: Action, title: string): string {
  if ('takeover' in action) return `${title}, takeover`;
  return action.kind === 'create' && action.drifted ? `${title} again, deleted outside Git` : title;
}

/** Returns the lines for changes made outside Git. The changes made in Git have their own lines. */
function driftText({ key, changes, updatedBy, updatedAt }: Action, style: Style): string {
  const changedOutside = changes.filter(({ cause }) => cause === 'drift');
  const who = `by ${updatedBy === undefined ? 'unknown' : escapeControl(updatedBy)}${updatedAt === undefined ? '' : `, ${style.when(updatedAt)}`}`;
  const event = changedOutside.length === 0 ? 'deleted in Datadog' : `changed in Datadog ${who}`;
  const head = `${style.magenta('!')} ${style.bold(escapeControl(key))}  ${style.magenta('drift')}   ${event}`;
  return [head, ...driftChangeLines(changedOutside, style).map((line) => `    ${line}`)].join('\n');
}

/** Returns the lines for changes made in Git. If there are none, the drift block below lists the other changes. */
function gitChangeLines(
  action: Extract<Action, { readonly kind: 'update' | 'replace' }>,
  style: Style,
): readonly string[] {
  const yours = action.changes.filter(({ cause }) => cause === 'git');
  const reasons = action.kind === 'replace' ? action.reasons : [];
  return yours.length > 0 ? changeLines(yours, style, reasons) : [style.dim("restores Git's version, see below")];
}

function detailsOf(action: Action, style: Style): readonly string[] {
  switch (action.kind) {
    case 'create':
      return specLines(action.to, style);
    case 'update':
      return [...gitChangeLines(action, style), ...gapLines(action, style), ...afterLines(action, style)];
    case 'replace':
      return [
        ...gitChangeLines(action, style),
        `! Datadog cannot edit ${action.reasons.join(', ')}; the connection is deleted and created again, and`,
        `  its ${fieldsVerb(action.from.fields?.length ?? 0)} unavailable to audiences in the meantime.`,
        ...lostAttributes(action, style),
        ...afterLines(action, style),
      ];
    case 'delete':
      return ['its manifest was removed', ...lostAttributes(action, style)];
    case 'adopt':
      return ['already live and identical: recorded without a request'];
    case 'forget':
      return ['no longer in Datadog: its record is removed'];
    default:
      return action satisfies never;
  }
}

function fieldsVerb(count: number): string {
  return `${plural(count, 'field')} ${count === 1 ? 'is' : 'are'}`;
}

function specLines(spec: Spec, style: Style): readonly string[] {
  const fields = (spec.fields ?? []).map((field) => `${style.green('+')} ${fieldText(field)}`);
  const metadata = Object.entries(spec.metadata ?? {}).map(([name, value]) => escapeControl(`${name}=${value}`));
  return [
    `type ${escapeControl(spec.type)}   join ${escapeControl(spec.join_attribute)} ${style.joins} ${escapeControl(spec.join_type)}`,
    ...(fields.length === 0 ? [] : wrapped('fields', fields, style)),
    ...(metadata.length === 0 ? [] : wrapped('metadata', metadata, style)),
  ];
}

function fieldText({ id, type }: Field): string {
  return `${escapeControl(id)} ${escapeControl(type)}`;
}

/** Returns lines with a label and the items after it, wrapped to the width. Truncates nothing. */
function wrapped(label: string, items: readonly string[], style: Style): readonly string[] {
  const indent = ' '.repeat(label.length);
  const room = Math.max(style.width, 40) - 4;
  const lines: string[] = [];
  let line = label;
  for (const item of items) {
    if (line !== label && visible(line) + visible(item) + 2 > room) {
      lines.push(line);
      line = indent;
    }
    line += `${line === label || line === indent ? ' ' : '  '}${item}`;
  }
  return [...lines, line];
}

function visible(text: string): number {
  return text.replace(/\u001B\[\d+m/g, '').length;
}

/** Returns the attributes that audiences and charts will lose, so that the user sees them before confirming. */
function lostAttributes(
  action: Extract<Action, { readonly kind: 'delete' | 'replace' }>,
  style: Style,
): readonly string[] {
  const names = action.attributes ?? [];
  return names.length === 0
    ? []
    : wrapped(action.kind === 'delete' ? 'removes' : 'temporarily removes', names.map(escapeControl), style);
}

function gapLines({ steps }: Action & { readonly kind: 'update' }, style: Style): readonly string[] {
  const again = steps[1]?.add?.map(({ id }) => escapeControl(id)) ?? [];
  return again.length === 0
    ? []
    : [`${style.yellow('!')} removed and added again in two requests; unavailable in between: ${again.join(', ')}`];
}

function afterLines({ runsAfter: after }: Action, style: Style): readonly string[] {
  return after === undefined
    ? []
    : [style.dim(`after ${after.map((key) => escapeControl(splitKey(key).id)).join(', ')}, which frees a field id`)];
}
