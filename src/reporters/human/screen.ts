import type { Problem } from '../../core/diagnostic.ts';
import type { SyncEvent } from '../../core/event.ts';
import type { Sinks, TerminalStyle } from '../reporter.ts';
import { errorsOf, warningsOf, type RunRecord } from '../run-record.ts';
import { loadFrames, problemBlocks, problemLine } from './problem-text.ts';
import { openProgressLine, type ProgressLine } from './progress-line.ts';
import { plural, styleFor, type Style } from './style.ts';

/** What one command prints for a person: while it runs, and when it ends. */
export interface HumanView {
  report?(event: SyncEvent, run: RunRecord): void;
  close(run: RunRecord): Promise<void>;
}

/** Both streams, with the progress line kept below whatever is printed. */
export interface HumanOutput {
  readonly terminal: TerminalStyle;
  /** The style of stdout, and that of stderr. */
  readonly answer: Style;
  readonly aside: Style;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly progress: ProgressLine;
}

/** Warnings of one code that are printed one by one; of the rest only their number. */
const MAX_WARNINGS_OF_A_CODE = 10;

export function openHumanOutput(sinks: Sinks, terminal: TerminalStyle): HumanOutput {
  const aside = styleFor('err', terminal);
  const progress = openProgressLine(sinks, terminal, aside);
  return {
    terminal,
    answer: styleFor('out', terminal),
    aside,
    progress,
    out: (text) => progress.above(() => sinks.out(text)),
    err: (text) => progress.above(() => sinks.err(text)),
  };
}

/** Prints warnings on stderr, unless `--quiet`. Of many with the same code, it prints the first ones and a number. */
export function printWarnings(warnings: readonly Problem[], { terminal, aside, err }: HumanOutput): void {
  if (terminal.quiet) return;
  const printed = new Map<string, number>();
  for (const warning of warnings) {
    const count = (printed.get(warning.code) ?? 0) + 1;
    printed.set(warning.code, count);
    if (count <= MAX_WARNINGS_OF_A_CODE) err(problemLine(warning, aside));
  }
  for (const [code, count] of printed)
    if (count > MAX_WARNINGS_OF_A_CODE)
      err(
        `  … and ${plural(count - MAX_WARNINGS_OF_A_CODE, 'more warning')} of ${code}; all of them with --format json\n`,
      );
}

/** Prints warnings as they wait for a good moment: once before the result, and what came since at the end. */
export function openWarnings(screen: HumanOutput): { readonly print: (run: RunRecord) => void } {
  let printed = 0;
  return {
    print: (run) => {
      const warnings = warningsOf(run);
      printWarnings(warnings.slice(printed), screen);
      printed = warnings.length;
    },
  };
}

/** Prints every error of the run on stderr, with code frames. */
export async function printErrors(run: Pick<RunRecord, 'problems'>, { aside, err }: HumanOutput): Promise<void> {
  const errors = errorsOf(run);
  if (errors.length > 0) err(problemBlocks(errors, aside, await loadFrames()));
}
