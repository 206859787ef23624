import { Failure, type Problem } from '../../core/diagnostic.ts';
import { inPhase, type Phase, type Report } from '../../core/event.ts';

export interface AttemptContext {
  readonly signal: AbortSignal;
  readonly report: Report;
  readonly onFatal: (failure: Failure) => void;
}

export interface AttemptOptions {
  /** Returns whether a failure ends the watch. By default, only failures about credentials do. */
  readonly isFatal?: (cause: Failure) => boolean;
  readonly reworded?: ((found: Problem) => Problem) | undefined;
}

/** Runs `work`. Reports a Failure and returns undefined, except for fatal failures and bugs. */
export async function attempt<T>(
  { signal, report, onFatal }: AttemptContext,
  phase: Phase,
  work: () => Promise<T>,
  { isFatal = isAboutCredentials, reworded = (found) => found }: AttemptOptions = {},
): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    if (signal.aborted) return undefined;
    if (!(cause instanceof Failure)) throw cause;
    if (isFatal(cause)) onFatal(cause);
    else inPhase(phase, report)({ type: 'problem', problem: reworded(cause.toProblem()) });
    return undefined;
  }
}

/** The user can't fix credentials by saving a file, so this ends the watch. */
function isAboutCredentials({ code }: Failure): boolean {
  return code === 'credentials-missing' || code === 'credentials-rejected';
}
