import type { Problem } from '../../core/diagnostic.ts';
import { errorsOf, warningsOf, type RunRecord } from '../run-record.ts';
import { loadFrames, problemBlocks } from './problem-text.ts';
import type { HumanView, HumanOutput } from './screen.ts';
import { duration, plural, type Style } from './style.ts';

/** The settings file. Its errors are reported too, but it doesn't count as an invalid manifest. */
const SETTINGS = 'connsync.yaml';

/** Returns the view for `validate`. Every problem is part of its result, so all problems go to stdout. */
export function validateView({ terminal, outStyle, out }: HumanOutput): HumanView {
  return {
    close: async (run) => {
      const problems = [...errorsOf(run), ...(terminal.quiet ? [] : warningsOf(run))];
      if (problems.length > 0) out(`${problemBlocks(problems, outStyle, await loadFrames())}\n`);
      const sentence = validateSentence(run, outStyle);
      out(`${sentence}${moreOn(problems, sentence.length, outStyle)}\n`);
    },
  };
}

function validateSentence(run: RunRecord, style: Style): string {
  const { manifests, connections, ms } = run.loaded;
  const [errors, warnings] = [errorsOf(run), warningsOf(run)];
  const and = warnings.length > 0 ? `, ${plural(warnings.length, 'warning')}` : '';
  if (errors.length === 0 && manifests === 0) return `No manifests found${and} (offline, ${duration(ms)})`;
  if (errors.length === 0)
    return `${style.green(style.ok)} ${plural(manifests, 'manifest')} valid, ${plural(connections, 'connection')}${and} (offline, ${duration(ms)})`;
  const invalid = new Set(errors.flatMap(({ file = SETTINGS }) => (file === SETTINGS ? [] : file))).size;
  const bad = invalid === 0 ? '' : `${invalid} of ${plural(manifests, 'manifest')} invalid, `;
  return `${style.red(style.bad)} ${bad}${plural(errors.length, 'error')}${and} (offline, ${duration(ms)})`;
}

/** Returns the command that explains the first problem, on the same line if it fits. */
function moreOn([first]: readonly Problem[], taken: number, style: Style): string {
  if (first === undefined) return '';
  const more = `to learn more: connsync explain ${first.code}`;
  return `${taken + 3 + more.length > style.width ? '\n' : '   '}${style.dim(more)}`;
}
