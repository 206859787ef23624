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

/**
 * Runs `work`. If it throws a Failure, reports the Failure and returns undefined. Passes fatal failures to `onFatal`,
 * and rethrows bugs.
 */
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

/** Returns whether a failure is about credentials. The user can't fix keys by saving a file, so the watch ends. */
function isAboutCredentials({ code }: Failure): boolean {
  return code === 'credentials-missing' || code === 'credentials-rejected';
}
