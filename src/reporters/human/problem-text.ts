import type { Problem } from '../../core/diagnostic.ts';
import { escapeControl, escapeControlText } from '../../core/escape-control.ts';
import { plural, type Style } from './style.ts';

/** Returns an excerpt of the source with the problem marked; undefined without a source. */
export type DrawCodeFrame = (problem: Problem) => string | undefined;

export async function loadFrames(): Promise<DrawCodeFrame> {
  const { codeFrame } = await import('./code-frame.ts');
  return codeFrame;
}

/** Returns a problem on one line and its hint on the next. Used for warnings, and for errors without a file. */
export function problemLine(problem: Problem, style: Style): string {
  const mark = problem.severity === 'error' ? style.red(style.bad) : style.yellow('!');
  const place = placeOf(problem);
  const [first = '', ...more] = escapeControlText(problem.message).split('\n');
  const hint = problem.hint === undefined ? [] : [`${style.next} ${escapeControl(problem.hint)}`];
  const below = [...more, ...hint].map((line) => `  ${line}\n`).join('');
  return `${mark} ${place === '' ? '' : `${place}  `}${first}  ${style.dim(problem.code)}\n${below}`;
}

/** Returns the problems grouped by file, each with its code frame. */
export function problemBlocks(problems: readonly Problem[], style: Style, draw: DrawCodeFrame): string {
  const files = new Map<string, Problem[]>();
  for (const problem of problems) {
    const list = files.get(problem.file ?? '');
    if (list === undefined) files.set(problem.file ?? '', [problem]);
    else list.push(problem);
  }
  return [...files]
    .map(([file, list]) =>
      file === '' ? list.map((problem) => problemLine(problem, style)).join('') : fileBlock(file, list, style, draw),
    )
    .join('\n');
}

function fileBlock(file: string, problems: readonly Problem[], style: Style, draw: DrawCodeFrame): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const warnings = problems.length - errors;
  const counts = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ].join(', ');
  const mark = errors > 0 ? style.red(style.bad) : style.yellow('!');
  return [
    `${mark} ${style.bold(escapeControl(file))}  ${counts}\n`,
    ...problems.map((problem) => `\n${problemBlock(problem, style, draw)}`),
  ].join('');
}

function problemBlock(problem: Problem, style: Style, draw: DrawCodeFrame): string {
  const { code, line, column, message, hint } = problem;
  const paint = problem.severity === 'error' ? style.red : style.yellow;
  const place = line === undefined ? '' : `  ${line}:${column ?? 1}`;
  const head = `  ${paint(code)}${place}  ${escapeControl(message)}`;
  // The code frame already shows the hint.
  const frame = draw(problem)
    ?.split('\n')
    .map((text) => `  ${text}`);
  const below = frame ?? (hint === undefined ? [] : [`  ${style.next} ${escapeControl(hint)}`]);
  return `${[head, ...below].join('\n')}\n`;
}

function placeOf({ file, line, column }: Problem): string {
  if (file === undefined) return '';
  return `${escapeControl(file)}${line === undefined ? '' : `:${line}${column === undefined ? '' : `:${column}`}`}`;
}
