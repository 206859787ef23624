import type { Problem } from '../../core/diagnostic.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { loadFrames, problemBlocks, problemLine } from './problem-text.ts';
import type { TerminalStyle, Reporter, Sinks } from '../reporter.ts';
import { plural, styleFor, type Style } from './style.ts';
import { wrapText } from './wrap.ts';

/** Something to type or to click and what for, in lists under titles. */
export type InitSteps = readonly {
  readonly title: string;
  readonly steps: readonly (readonly [what: string, why: string])[];
}[];

/** What a person reads of an init: each file as it is written or left, and what is to be done by hand. */
export function initReporter({ out, err }: Sinks, terminal: TerminalStyle, next: InitSteps): Reporter {
  const answer = styleFor('out', terminal);
  const aside = styleFor('err', terminal);
  const problems: Problem[] = [];
  const counts = { written: 0, left: 0 };
  let exitCode: number | undefined;

  return {
    report: (event) => {
      if (event.type === 'problem') problems.push(event.problem);
      if (event.type === 'end') ({ exitCode } = event);
      if (event.type === 'file-written') {
        counts.written += 1;
        const { file, appended } = event;
        const more = appended === undefined ? '' : answer.dim(`  ${plural(appended.length, 'line')} added`);
        out(`${appended === undefined ? answer.green('+') : answer.yellow('~')} ${escapeControl(file)}${more}\n`);
      }
      if (event.type === 'recorded')
        out(
          `${answer.green('+')} ${escapeControl(event.file)}${answer.dim(`  ${plural(event.connections, 'connection')} recorded`)}\n`,
        );
      if (event.type === 'file-skipped') {
        counts.left += 1;
        out(`${answer.dim('=')} ${escapeControl(event.file)}${answer.dim('  exists, left as it is')}\n`);
        if (event.hint !== undefined) out(`    ${answer.next} ${escapeControl(event.hint)}\n`);
      }
    },
    close: async () => {
      const { written, left } = counts;
      if (written + left > 0) out(`\n${sentence(written, left)}\n`);
      if (!terminal.quiet)
        for (const warning of problems.filter(({ severity }) => severity === 'warning'))
          err(problemLine(warning, aside));
      const errors = problems.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) err(problemBlocks(errors, aside, await loadFrames()));
      if (exitCode !== 0 || written === 0 || terminal.quiet) return;
      for (const { title, steps } of next) out(plain(`\n${answer.bold(title)}\n${list(steps, answer)}`, answer));
    },
  };
}

function sentence(written: number, left: number): string {
  if (written === 0) return 'Everything stands here already. Nothing was written.';
  return `${plural(written, 'file')} written${left === 0 ? '' : `, ${left} left as they were`}.`;
}

function plain(text: string, { unicode }: Style): string {
  return unicode ? text : text.replaceAll('›', '>').replaceAll('…', '...');
}

/** Side by side where there is room for it, else one below the other. */
function list(steps: InitSteps[number]['steps'], style: Style): string {
  const first = Math.max(...steps.map(([what]) => what.length));
  const beside = style.width - first - 5;
  return steps
    .map(([what, why]) => {
      const lines = wrapText(why, beside >= 40 ? beside : style.width - 6);
      const margin = ' '.repeat(beside >= 40 ? first + 5 : 6);
      const gap = beside >= 40 ? ' '.repeat(first - what.length + 3) : `\n${margin}`;
      return `  ${style.cyan(what)}${gap}${lines.replaceAll('\n', `\n${margin}`)}\n`;
    })
    .join('');
}
