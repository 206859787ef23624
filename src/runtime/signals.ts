import type { Interrupts } from './runtime.ts';

/** How long what is in flight may take after the first signal, in milliseconds: with what is left to record, the end comes within five seconds. */
const GRACE_MS = 4_000;

/**
 * The first SIGINT, SIGTERM or SIGHUP asks the run to stop and gives what is in flight four seconds; a second one ends the
 * process at once: what it was doing stands in the journal. With `patient` a second one changes nothing: somebody sends it by
 * the clock, and uses force soon enough.
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
