import { codeEntry, type Code } from '../../core/codes.ts';
import type { Example, Explanation } from '../../explain/explanation.ts';
import type { Style } from './style.ts';
import { wrapText } from './wrap.ts';

/** The maximum width of an explanation in columns, so that it stays readable. */
const MAX_COLUMNS = 80;
const INDENT = '  ';

/** Returns the text that explains one code. */
export function explanationText(code: Code, group: string, explanation: Explanation, style: Style): string {
  const { means, why, bad, good, next } = explanation;
  const width = Math.min(style.width, MAX_COLUMNS);
  const { title } = codeEntry(code);
  return [
    `${mark(code, style)} ${style.bold(code)}  ${consequence(code)}  ${style.dim(group)}`,
    wrapText(title, width),
    '',
    wrapText(means, width),
    '',
    `${style.bold('Why it matters')}\n${wrapText(INDENT + why, width, INDENT)}`,
    '',
    `${style.bold('Bad')}${fileName(bad)}\n${exampleText(bad, width, style)}`,
    '',
    `${style.bold('Good')}${fileName(good)}\n${exampleText(good, width, style)}`,
    '',
    wrapText(`${style.next} ${next}`, width, INDENT),
    '',
  ].join('\n');
}

/** Returns the list of all codes with their titles, by group. */
export function codeList(
  groups: readonly { readonly title: string; readonly codes: readonly Code[] }[],
  style: Style,
): string {
  const width = Math.min(style.width, MAX_COLUMNS);
  const widest = Math.max(...groups.flatMap(({ codes }) => codes.map((code) => code.length)));
  const blocks = groups.map(({ title, codes }) => `${style.bold(title)}\n${codes.map(line).join('')}`);
  return `${blocks.join('\n')}\n${wrapText('Run connsync explain <code> to learn what it means, why it matters, and how to fix it.', width)}\n`;

  function line(code: Code): string {
    const head = `  ${mark(code, style)} ${code.padEnd(widest)}  `;
    const hang = ' '.repeat(4 + widest + 2);
    const first = wrapText(hang + codeEntry(code).title, width, hang).slice(hang.length);
    return `${head}${first}\n`;
  }
}

function mark(code: Code, style: Style): string {
  return codeEntry(code).severity === 'error' ? style.red(style.bad) : style.yellow('!');
}

function consequence(code: Code): string {
  const { severity, exit } = codeEntry(code);
  return exit === undefined ? severity : `${severity}, exit ${exit}`;
}

function fileName(example: Example): string {
  return example.kind === 'file' ? `  ${example.file}` : '';
}

/** Returns an example as text. Wraps only terminal output, because the lines of a file must stay as they are. */
function exampleText(example: Example, width: number, style: Style): string {
  const lines = example.text.trimEnd().split('\n');
  if (example.kind === 'file') return lines.map((line) => `    ${line}`.trimEnd()).join('\n');
  return lines
    .map((line) => (line.startsWith('$ ') ? `    ${style.cyan(line)}` : wrapText(`    ${line}`, width, '        ')))
    .join('\n');
}
