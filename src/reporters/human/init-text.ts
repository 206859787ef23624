import type { Problem } from '../../core/diagnostic.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { loadFrames, problemBlocks, problemLine } from './problem-text.ts';
import type { TerminalStyle, Reporter, Sinks } from '../reporter.ts';
import { plural, styleFor, type Style } from './style.ts';
import { wrapText } from './wrap.ts';

/** The steps that the user still has to do, in lists with titles. */
export type InitSteps = readonly {
  readonly title: string;
  readonly steps: readonly (readonly [what: string, why: string])[];
}[];

/**
 * Returns the human reporter of `connsync init`. It prints each file as it is written or skipped, then the steps that
 * the user still has to do.
 */
export function initReporter({ out, err }: Sinks, terminal: TerminalStyle, next: InitSteps): Reporter {
  const outStyle = styleFor('out', terminal);
  const errStyle = styleFor('err', terminal);
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
        const more = appended === undefined ? '' : outStyle.dim(`  ${plural(appended.length, 'line')} added`);
        out(`${appended === undefined ? outStyle.green('+') : outStyle.yellow('~')} ${escapeControl(file)}${more}\n`);
      }
      if (event.type === 'recorded')
        out(
          `${outStyle.green('+')} ${escapeControl(event.file)}${outStyle.dim(`  ${plural(event.connections, 'connection')} recorded`)}\n`,
        );
      if (event.type === 'file-skipped') {
        counts.left += 1;
        out(`${outStyle.dim('=')} ${escapeControl(event.file)}${outStyle.dim('  exists, not changed')}\n`);
        if (event.hint !== undefined) out(`    ${outStyle.next} ${escapeControl(event.hint)}\n`);
      }
    },
    close: async () => {
      const { written, left } = counts;
      if (written + left > 0) out(`\n${sentence(written, left)}\n`);
      if (!terminal.quiet)
        for (const warning of problems.filter(({ severity }) => severity === 'warning'))
          err(problemLine(warning, errStyle));
      const errors = problems.filter(({ severity }) => severity === 'error');
      if (errors.length > 0) err(problemBlocks(errors, errStyle, await loadFrames()));
      if (exitCode !== 0 || written === 0 || terminal.quiet) return;
      for (const { title, steps } of next) out(plain(`\n${outStyle.bold(title)}\n${list(steps, outStyle)}`, outStyle));
    },
  };
}

function sentence(written: number, skipped: number): string {
  if (written === 0) return 'All files already exist. Nothing was written.';
  return `${plural(written, 'file')} written${skipped === 0 ? '' : `, ${skipped} not changed`}.`;
}

function plain(text: string, { unicode }: Style): string {
  return unicode ? text : text.replaceAll('›', '>').replaceAll('…', '...');
}

/** Returns the steps and their reasons in two columns. If the width is too small, each reason goes below its step. */
function list(steps: InitSteps[number]['steps'], style: Style): string {
  const first = Math.max(...steps.map(([what]) => what.length));
  const room = style.width - first - 5;
  return steps
    .map(([what, why]) => {
      const lines = wrapText(why, room >= 40 ? room : style.width - 6);
      const margin = ' '.repeat(room >= 40 ? first + 5 : 6);
      const gap = room >= 40 ? ' '.repeat(first - what.length + 3) : `\n${margin}`;
      return `  ${style.cyan(what)}${gap}${lines.replaceAll('\n', `\n${margin}`)}\n`;
    })
    .join('');
}
