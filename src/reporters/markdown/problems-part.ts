import type { Problem } from '../../core/diagnostic.ts';
import type { Part } from './truncate.ts';
import { code, inlineProse, proseLines } from './escape.ts';
import { plural } from '../human/style.ts';

/** The maximum number of characters of a problem's message, which may quote a response from Datadog. */
const MESSAGE = 1_000;

/** Returns the errors with their positions. */
export function errorPart(problems: readonly Problem[]): Part {
  const errors = problems.filter(({ severity }) => severity === 'error');
  return { ...listOf(errors, 'error'), open: `\n**${plural(errors.length, 'error')}**\n\n`, close: '' };
}

/** Returns the warnings, in a collapsed section. */
export function warningPart(problems: readonly Problem[]): Part {
  const warnings = problems.filter(({ severity }) => severity === 'warning');
  const summary = plural(warnings.length, 'warning');
  return {
    ...listOf(warnings, 'warning'),
    open: `\n<details><summary>${summary}</summary>\n\n`,
    close: '\n</details>\n',
  };
}

function listOf(problems: readonly Problem[], noun: string): Omit<Part, 'open' | 'close'> {
  return {
    count: problems.length,
    item: (index) =>
      problems
        .slice(index, index + 1)
        .map(lineOf)
        .join(''),
    rest: (left) => `\n… and ${plural(left, `more ${noun}`)}\n`,
  };
}

function lineOf({ code: name, message, hint, file, line, column }: Problem): string {
  const position = line === undefined ? '' : `:${line}${column === undefined ? '' : `:${column}`}`;
  const place = file === undefined ? '' : `${code(`${file}${position}`)} `;
  const next = hint === undefined ? '' : `<br>→ ${inlineProse(hint, MESSAGE)}`;
  return `- **${name}** ${place}${proseLines(message, MESSAGE)}${next}\n`;
}
