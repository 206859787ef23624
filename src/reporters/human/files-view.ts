import { escapeControl } from '../../core/escape-control.ts';
import type { RunRecord } from '../run-record.ts';
import { openWarnings, printErrors, type HumanView, type HumanOutput } from './screen.ts';
import { plural } from './style.ts';

/** Returns the view for `import`, `accept`, and every other command whose only result is the files it writes. */
export function filesView(screen: HumanOutput): HumanView {
  const warnings = openWarnings(screen);
  return {
    report: (event) => {
      if (event.type === 'file-written') printWrittenFile(event, screen);
    },
    close: async (run) => {
      const sentence = filesSentence(run);
      if (sentence !== undefined) screen.out(`${sentence}\n`);
      warnings.print(run);
      await printErrors(run, screen);
    },
  };
}

export function printWrittenFile(
  { file, key }: { readonly file: string; readonly key?: string },
  { outStyle, out }: HumanOutput,
): void {
  out(`${outStyle.green(key === undefined ? '~' : '+')} ${escapeControl(file)}\n`);
}

function filesSentence({ command, written }: RunRecord): string | undefined {
  if (command !== 'import' && command !== 'accept') return undefined;
  return `${plural(written.length, 'manifest')} ${command === 'import' ? 'written' : 'changed'} and recorded.`;
}
