import type { Interrupts } from './runtime.ts';

/**
 * Milliseconds that requests in flight get after the first signal. The run then ends within five seconds, including
 * the final write of the lockfile.
 */
const GRACE_MS = 4_000;

/**
 * Listens for SIGINT, SIGTERM and SIGHUP. The first one stops the run and gives requests in flight four seconds. A
 * second one ends the process at once; the journal shows what was in progress. With `patient`, a second signal has no
 * effect: use this if a scheduler sends signals on a timer and soon kills the process anyway.
 */
export function listenForSignals(process: NodeJS.Process, { patient = false } = {}): Interrupts {
  const stop = new AbortController();
  const cut = new AbortController();
  let exitCode: 130 | 143 | undefined;
  const onSignal = (code: 130 | 143) => (): void => {
    if (exitCode !== undefined && !patient) process.exit(code);
    exitCode ??= code;
    stop.abort(new Error('interrupted'));
    setTimeout(() => cut.abort(new Error('interrupted')), GRACE_MS).unref();
  };
  process.on('SIGINT', onSignal(130));
  process.on('SIGTERM', onSignal(143));
  process.on('SIGHUP', onSignal(143));
  return { stop: stop.signal, cut: cut.signal, exitCode: () => exitCode };
}
