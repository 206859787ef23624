import type { Writable } from 'node:stream';
import { redactor } from '../core/redact.ts';
import { secretsIn, SECRET_NAMES } from './secrets.ts';
import type { Interrupts, Output, Runtime } from './runtime.ts';

/** The world of a real process. Its keys are taken out of the environment, so that no child process inherits one. */
export function nodeRuntime(
  process: NodeJS.Process,
  self: Pick<Runtime, 'version' | 'packageFolder'>,
  interrupts: Interrupts,
): Runtime {
  const env = { ...process.env };
  for (const name of SECRET_NAMES) delete process.env[name];
  // The proxy agents would print request headers under it, keys included.
  delete process.env['DEBUG'];
  const redact = redactor(secretsIn(env));
  return {
    cwd: process.cwd(),
    env,
    stdout: outputOf(process.stdout, redact),
    stderr: outputOf(process.stderr, redact),
    stdin: process.stdin,
    ...self,
    now: () => Date.now(),
    clock: () => performance.now(),
    interrupts,
  };
}

/** A stream that is no terminal says nothing about it. */
type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * A stream behind the redactor: whatever is printed, no key is in it. Whoever closes the pipe (`connsync plan | head`) has seen
 * enough; the run goes on without it, since an apply must finish and record whether or not somebody still reads.
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
      // A terminal that does not know its size says 0.
      return stream.isTTY === true && stream.columns !== 0 ? stream.columns : undefined;
    },
  };
}
