import { escapeControl } from '../../core/escape-control.ts';
import { errorsOf, type RunRecord } from '../run-record.ts';
import { printErrors, printWarnings, type HumanView, type HumanOutput } from './screen.ts';
import { warningsOf } from '../run-record.ts';
import { plural } from './style.ts';
import { printWrittenFile } from './files-view.ts';

/** Returns the view for `fmt`. With --check, the result is the list of unformatted files. */
export function fmtView(screen: HumanOutput): HumanView {
  return {
    report: (event) => {
      if (event.type === 'file-written') printWrittenFile(event, screen);
    },
    close: async (run) => {
      const { outStyle, out } = screen;
      const unformatted = errorsOf(run).filter(({ code }) => code === 'unformatted');
      const problems = errorsOf(run).filter(({ code }) => code !== 'unformatted');
      for (const { file = '' } of unformatted) out(`${outStyle.red(outStyle.bad)} ${escapeControl(file)}\n`);
      const broken = new Set(problems.flatMap(({ file }) => file ?? [])).size;
      const valid = Math.max(0, run.loaded.manifests - broken);
      // If every manifest has an error, there is no result besides the errors.
      if (valid > 0 || problems.length === 0) out(`${fmtSentence(run, unformatted.length, valid)}\n`);
      printWarnings(warningsOf(run), screen);
      await printErrors({ problems }, screen);
    },
  };
}

function fmtSentence({ loaded, written }: RunRecord, unformatted: number, valid: number): string {
  const count = unformatted > 0 ? unformatted : written.length;
  if (count === 0) return `${plural(valid, 'manifest')} already formatted.`;
  return `${count} of ${plural(loaded.manifests, 'manifest')} ${unformatted > 0 ? 'not ' : ''}formatted.`;
}
