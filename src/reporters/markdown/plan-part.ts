import type { Spec } from '../../core/connection.ts';
import type { Action, Refusal } from '../../core/plan.ts';
import { truncateParts, type Part } from './truncate.ts';
import { changeLine, briefChanges } from './change-text.ts';
import { CELL, code, inlineProse } from './escape.ts';
import { titleOf } from '../human/plan-text.ts';
import { ACTION_KINDS, plural } from '../human/style.ts';

/** The maximum number of characters of one action in the details, so that one action can't crowd out all others. */
const MOST_OF_ONE = 6_000;
/** The maximum number of characters of a refusal, which may name many keys. */
const REFUSAL = 1_000;

/** Returns the refusals under a heading. */
export function refusalPart(refusals: readonly Refusal[], heading: string): Part {
  return {
    open: `\n**${heading}**\n\n`,
    count: refusals.length,
    item: (index) => {
      const { code: name = '', message = '', hint = '' } = refusals[index] ?? {};
      return `- **${name}** ${inlineProse(message, REFUSAL)}<br>→ ${inlineProse(hint, REFUSAL)}\n`;
    },
    close: '',
    rest: (left) => `\n… and ${plural(left, 'more refusal')}\n`,
  };
}

/** Returns a table with one row per action. */
export function actionPart(actions: readonly Action[]): Part {
  return {
    open: '\n| | Connection | What changes | Manifest |\n| --- | --- | --- | --- |\n',
    count: actions.length,
    item: (index) => rowOf(actions[index]),
    close: '',
    rest: (left) => `\n… and ${plural(left, 'more action')}\n`,
  };
}

/** Returns every change of every action, in a collapsed section. */
export function detailPart(actions: readonly Action[]): Part {
  const reporting = actions.filter(({ kind }) => kind !== 'adopt' && kind !== 'forget');
  return {
    open: '\n<details><summary>Details</summary>\n',
    count: reporting.length,
    item: (index) => detailsOf(reporting[index]),
    close: '\n</details>\n',
    rest: (left) => `\n… and the details of ${plural(left, 'more action')}\n`,
  };
}

/** Returns an action's position in its manifest in code format, or an empty text if it has none. */
export function placeOf({
  file,
  line,
}: {
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}): string {
  return file === undefined ? '' : code(`${file}${line === undefined ? '' : `:${line}`}`);
}

function rowOf(action: Action | undefined): string {
  if (action === undefined) return '';
  const { sign, title } = ACTION_KINDS[action.kind];
  return `| ${code(sign)} | ${code(action.key)} | ${titleOf(action, title)}${briefChange(action)} | ${placeOf(action)} |\n`;
}

function briefChange(action: Action): string {
  switch (action.kind) {
    case 'create':
      return `: ${plural(action.to.fields?.length ?? 0, 'field')}`;
    case 'update':
    case 'replace':
      return `: ${code(briefChanges(action.changes))}${action.drifted ? ' *(drift)*' : ''}`;
    case 'delete':
      return ': its manifest was removed';
    case 'adopt':
      return ': already live and identical; recorded without a request';
    case 'forget':
      return ': no longer in Datadog; its record is removed';
    default:
      return action satisfies never;
  }
}

function detailsOf(action: Action | undefined): string {
  if (action === undefined) return '';
  const { sign, title } = ACTION_KINDS[action.kind];
  const owner = action.owner === undefined ? '' : `, owner ${code(action.owner)}`;
  const head = `\n${code(sign)} ${code(action.key)} ${titleOf(action, title)}${owner}\n\n`;
  const lines = linesOf(action);
  const part: Part = {
    open: '',
    count: lines.length,
    item: (index) => lines[index]?.() ?? '',
    close: '',
    rest: (left) => `- … and ${left} more\n`,
  };
  return truncateParts(head, [part], MOST_OF_ONE);
}

/** A list item. Its text is computed only if there is room for it. */
type Line = () => string;

function linesOf(action: Action): readonly Line[] {
  switch (action.kind) {
    case 'create':
      return specLines(action.to);
    case 'update':
      return [...gapLines(action), ...afterLines(action), ...changeLines(action)];
    case 'replace':
      return [...costLines(action), ...lostAttributes(action), ...afterLines(action), ...changeLines(action)];
    case 'delete':
      return [...lostAttributes(action), ...specLines(action.from)];
    case 'adopt':
    case 'forget':
      return [];
    default:
      return action satisfies never;
  }
}

function changeLines({ changes }: Action): readonly Line[] {
  return changes.map((change) => () => changeLine(change, { withCause: true }));
}

function specLines({ type, join_attribute, join_type, fields = [], metadata = {} }: Spec): readonly Line[] {
  return [
    () => `- type ${code(type)}, join ${code(join_attribute)} by ${code(join_type)}\n`,
    ...fields.map((field) => () => `- field ${code(field.id)} ${code(field.type)} from ${code(field.source_name)}\n`),
    ...Object.entries(metadata).map(
      ([name, value]) =>
        () =>
          `- metadata ${code(name)} ${code(value)}\n`,
    ),
  ];
}

function costLines({ reasons, from }: Action & { readonly kind: 'replace' }): readonly Line[] {
  const count = from.fields?.length ?? 0;
  const fields = `${plural(count, 'field')} ${count === 1 ? 'is' : 'are'}`;
  return [
    () =>
      `- Datadog cannot edit ${inlineProse(reasons.join(', '))}: the connection is deleted and created again, and its ${fields} unavailable to audiences in the meantime.\n`,
  ];
}

/** Returns the lines about attributes that audiences and charts will lose. */
function lostAttributes(action: Extract<Action, { readonly kind: 'delete' | 'replace' }>): readonly Line[] {
  const names = action.attributes ?? [];
  const what = action.kind === 'delete' ? 'removes' : 'temporarily removes';
  return names.length === 0 ? [] : [() => `- ${what}: ${code(names.slice(0, CELL).join(', '), 5 * CELL)}\n`];
}

function gapLines({ steps }: Action & { readonly kind: 'update' }): readonly Line[] {
  const again = steps[1]?.add?.map(({ id }) => id) ?? [];
  const names = again.slice(0, CELL).join(', ');
  return again.length === 0
    ? []
    : [() => `- removed and added again in two requests; unavailable in between: ${code(names, 5 * CELL)}\n`];
}

function afterLines({ runsAfter: after = [] }: Action): readonly Line[] {
  const keys = after.slice(0, CELL).join(', ');
  return after.length === 0 ? [] : [() => `- after ${code(keys, 5 * CELL)}, which frees a field id\n`];
}
