import { compact } from '../core/compact.ts';
import { Failure, problem, type ExitCode } from '../core/diagnostic.ts';
import type { Compared, Report, SyncEvent, Target } from '../core/event.ts';
import type { Summary } from '../core/plan.ts';
import { escapeControlText } from '../core/escape-control.ts';
import type { CommonFlags } from './flags.ts';
import type { Reporter, Sinks } from '../reporters/reporter.ts';
import { recordFailedReporter } from '../reporters/record-failed.ts';
import { terminalStyle } from '../runtime/terminal.ts';
import type { Output, Runtime } from '../runtime/runtime.ts';

export interface SessionOptions {
  readonly command: string;
  readonly target: Target;
  readonly compared: Compared;
  readonly flags: Pick<CommonFlags, 'format' | 'color' | 'quiet' | 'verbose'>;
  readonly runtime: Runtime;
  /** True if the run applies changes. Its `end` event then counts them. */
  readonly applies?: boolean;
  /** Opens the human reporter, if the command has its own. */
  readonly human?: (sinks: Sinks) => Reporter;
  /** Reporters in addition to the one for `--format`. */
  readonly extraReporters?: readonly Reporter[];
}

/**
 * Runs one command and returns its exit code. Reports `start`, the events of `body`, and always `end`. An expected
 * failure becomes a problem with its exit code. Anything else is a bug, reported with its stack trace under
 * --verbose. A signal overrides every other exit code.
 */
export async function runSession(
  options: SessionOptions,
  body: (report: Report) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { command, target, compared, runtime } = options;
  const reporter = await openReporter(options);
  const extraReporters = [
    recordFailedReporter((text) => runtime.stderr.write(text)),
    ...(options.extraReporters ?? []),
    ...(runtime.extraReporters ?? []),
  ];
  const tally = openTally((event) => {
    reporter.report(event);
    for (const { report } of extraReporters) report(event);
  });
  const reportStopping = (): void => tally.report({ type: 'stopping' });
  runtime.interrupts.stop.addEventListener('abort', reportStopping, { once: true });
  tally.report({ type: 'start', formatVersion: '1.0', version: runtime.version, command, target, compared });
  let exitCode: ExitCode;
  try {
    exitCode = await body(tally.report);
    // These reporters write files; a disk error must be reported before the `end` event.
    for (const other of extraReporters) await other.close();
  } catch (cause) {
    exitCode = reportFailure(cause, tally.report, options);
  }
  runtime.interrupts.stop.removeEventListener('abort', reportStopping);
  exitCode = runtime.interrupts.exitCode() ?? exitCode;
  tally.report({ type: 'end', exitCode, ...tally.totals(options.applies === true) });
  await reporter.close();
  return exitCode;
}

function reportFailure(cause: unknown, report: Report, { flags, runtime }: SessionOptions): ExitCode {
  if (runtime.interrupts.stop.aborted && cause === runtime.interrupts.stop.reason) return 130;
  const expected = cause instanceof Failure;
  const found = expected
    ? cause.toProblem()
    : problem('unexpected', `unexpected error: ${cause instanceof Error ? cause.message : String(cause)}`, {
        hint: 'this is a bug in connsync: run again with --verbose and report the output',
      });
  report({ type: 'problem', problem: found });
  if (flags.verbose === true) runtime.stderr.write(`${escapeControlText(stackOf(cause))}\n`);
  return expected ? cause.exitCode : 1;
}

/** Returns the stack trace of an error and of its causes. */
function stackOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return `${cause.stack ?? cause.message}${cause.cause === undefined ? '' : `\ncaused by: ${stackOf(cause.cause)}`}`;
}

/** Returns a report function that counts the outcomes of actions, and their totals for the `end` event. */
function openTally(report: Report): {
  readonly report: Report;
  readonly totals: (applies: boolean) => Partial<Extract<SyncEvent, { readonly type: 'end' }>>;
} {
  const counts = { applied: 0, failed: 0, skipped: 0 };
  let summary: Summary | undefined;
  return {
    report: (event) => {
      if (event.type === 'applied' || event.type === 'failed' || event.type === 'skipped') counts[event.type] += 1;
      if (event.type === 'failed' && event.accepted === true) counts.applied -= 1;
      if (event.type === 'planned') ({ summary } = event);
      report(event);
    },
    totals: (applies) => ({ ...compact({ summary }), ...(applies ? counts : {}) }),
  };
}

async function openReporter(options: SessionOptions): Promise<Reporter> {
  const { flags, runtime } = options;
  const sinks = {
    out: (text: string): void => runtime.stdout.write(text),
    err: (text: string): void => runtime.stderr.write(text),
  };
  if (flags.format === 'human') return openHuman(sinks, options);
  switch (flags.format) {
    case 'json':
      return (await import('../reporters/json.ts')).jsonReporter(sinks);
    case 'ndjson':
      return (await import('../reporters/ndjson.ts')).ndjsonReporter(sinks, {
        run: crypto.randomUUID(),
        now: runtime.clock.now,
      });
    case 'markdown':
      return (await import('../reporters/markdown/markdown.ts')).markdownReporter(sinks);
    case 'github':
      return (await import('../reporters/github.ts')).githubReporter(sinks);
    case 'sarif':
      return (await import('../reporters/sarif.ts')).sarifReporter(sinks);
    case 'curl':
      return (await import('../reporters/curl.ts')).curlReporter(sinks, terminalStyle(flags, runtime));
    default:
      return flags.format satisfies never;
  }
}

/**
 * Opens the human reporter. On a terminal it wraps lines between words; otherwise it keeps lines whole, for programs
 * that parse them.
 */
async function openHuman(sinks: Sinks, { command, flags, human, runtime }: SessionOptions): Promise<Reporter> {
  const { stdout, stderr } = runtime;
  let onScreen = sinks;
  if (stdout.columns !== undefined || stderr.columns !== undefined) {
    const { truncated, wrapped } = await import('../reporters/human/columns.ts');
    // Read the width at each write, because the window can be resized.
    const writeTo = (output: Output) => (text: string) =>
      output.write(output.columns === undefined ? text : wrapped(text, output.columns));
    const fit = (line: string): string => (stderr.columns === undefined ? line : truncated(line, stderr.columns - 1));
    onScreen = { out: writeTo(stdout), err: writeTo(stderr), fit };
  }
  if (human !== undefined) return human(onScreen);
  const { humanReporter } = await import('../reporters/human/human.ts');
  return humanReporter(command, onScreen, terminalStyle(flags, runtime));
}
