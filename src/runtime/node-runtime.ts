import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/clock.ts';
import { redactor } from '../core/redact.ts';
import { secretsIn, SECRET_NAMES } from './secrets.ts';
import type { Interrupts, Output, Runtime } from './runtime.ts';

/**
 * Returns the runtime of a real process. Deletes the keys from the process's environment, so that no child process
 * inherits them.
 */
export function nodeRuntime(
  process: NodeJS.Process,
  self: Pick<Runtime, 'version' | 'packageFolder'>,
  interrupts: Interrupts,
): Runtime {
  const env = { ...process.env };
  for (const name of SECRET_NAMES) delete process.env[name];
  // With DEBUG set, the proxy agents print request headers, including the keys.
  delete process.env['DEBUG'];
  const redact = redactor(secretsIn(env));
  return {
    cwd: process.cwd(),
    env,
    stdout: outputOf(process.stdout, redact),
    stderr: outputOf(process.stderr, redact),
    stdin: process.stdin,
    ...self,
    clock: NODE_CLOCK,
    interrupts,
  };
}

export const NODE_CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  random: Math.random,
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
      if (!signal.aborted) throw cause;
    });
  },
};

/** Node leaves `isTTY` and `columns` undefined unless the stream is a terminal. */
type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * Returns a stream that redacts every known secret. If the reader closes the pipe (`connsync plan | head`), it drops
 * further output and the run goes on, because an apply must finish and record its changes.
 */
function outputOf(stream: Stream, redact: (text: string) => string): Output {
  let open = true;
  const closed = new AbortController();
  stream.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause;
    open = false;
    closed.abort();
  });
  return {
    write: (text) => {
      if (open) stream.write(redact(text));
    },
    isTTY: stream.isTTY === true,
    closed: closed.signal,
    get columns() {
      // A terminal of unknown size reports 0 columns.
      return stream.isTTY === true && stream.columns !== 0 ? stream.columns : undefined;
    },
  };
}
