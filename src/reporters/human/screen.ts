import type { Problem } from '../../core/diagnostic.ts';
import type { SyncEvent } from '../../core/event.ts';
import type { Sinks, TerminalStyle } from '../reporter.ts';
import { errorsOf, warningsOf, type RunRecord } from '../run-record.ts';
import { loadFrames, problemBlocks, problemLine } from './problem-text.ts';
import { openProgressLine, type ProgressLine } from './progress-line.ts';
import { plural, styleFor, type Style } from './style.ts';

/** Prints one command's events and result for a person. */
export interface HumanView {
  report?(event: SyncEvent, run: RunRecord): void;
  close(run: RunRecord): Promise<void>;
}

/** Both output streams. The progress line stays below everything that is printed. */
export interface HumanOutput {
  readonly terminal: TerminalStyle;
  readonly outStyle: Style;
  readonly errStyle: Style;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly progress: ProgressLine;
}

/** The maximum number of warnings with the same code that are printed one by one. */
const MAX_WARNINGS_OF_A_CODE = 10;

export function openHumanOutput(sinks: Sinks, terminal: TerminalStyle): HumanOutput {
  const errStyle = styleFor('err', terminal);
  const progress = openProgressLine(sinks, terminal, errStyle);
  return {
    terminal,
    outStyle: styleFor('out', terminal),
    errStyle,
    progress,
    out: (text) => progress.above(() => sinks.out(text)),
    err: (text) => progress.above(() => sinks.err(text)),
  };
}

/**
 * Prints warnings on stderr, unless `--quiet` is set. If many warnings have the same code, it prints the first ones and
 * the number of the others.
 */
export function printWarnings(warnings: readonly Problem[], { terminal, errStyle, err }: HumanOutput): void {
  if (terminal.quiet) return;
  const printed = new Map<string, number>();
  for (const warning of warnings) {
    const count = (printed.get(warning.code) ?? 0) + 1;
    printed.set(warning.code, count);
    if (count <= MAX_WARNINGS_OF_A_CODE) err(problemLine(warning, errStyle));
  }
  for (const [code, count] of printed)
    if (count > MAX_WARNINGS_OF_A_CODE)
      err(
        `  … and ${plural(count - MAX_WARNINGS_OF_A_CODE, 'more warning')} of ${code}; use --format json to see them all\n`,
      );
}

/** Returns an object whose `print` prints only the warnings that are new since its last call. */
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
export async function printErrors(run: Pick<RunRecord, 'problems'>, { errStyle, err }: HumanOutput): Promise<void> {
  const errors = errorsOf(run);
  if (errors.length > 0) err(problemBlocks(errors, errStyle, await loadFrames()));
}
