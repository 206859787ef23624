import { compact } from '../core/compact.ts';
import { resolve } from 'node:path';
import { hasErrors, type ExitCode, type Problem } from '../core/diagnostic.ts';
import { escapeControl } from '../core/escape-control.ts';
import { openLog } from '../emulator/log-file.ts';
import { parseRateLimit, startEmulator, type Emulator, type EmulatorOptions } from '../emulator/server.ts';
import { loadFrames, problemBlocks } from '../reporters/human/problem-text.ts';
import { styleFor } from '../reporters/human/style.ts';
import { readFaults } from './faults-file.ts';
import { terminalStyle } from '../runtime/terminal.ts';
import { runPlainCommand } from '../session/plain-output.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface EmulatorFlags {
  readonly port: number;
  readonly data?: string;
  readonly rateLimit?: string;
  readonly faults?: string;
  readonly log?: string;
}

/** Serves the emulator until a signal arrives. The first line on stdout is its address. */
export async function emulator(flags: EmulatorFlags, runtime: Runtime): Promise<ExitCode> {
  return runPlainCommand({ format: 'human' }, runtime, async () => {
    const { port, data, rateLimit, faults, log } = flags;
    const limit = rateLimit === undefined ? undefined : parseRateLimit(rateLimit);
    if (rateLimit !== undefined && limit === undefined)
      return reject(
        runtime,
        `invalid --rate-limit ${rateLimit}`,
        'write requests per period, for example 20/1s or 50/10s',
      );
    const read = faults === undefined ? { problems: [] } : readFaults(runtime.cwd, faults);
    await printProblems(read.problems, runtime);
    if (hasErrors(read.problems)) return 3;
    return serve(
      {
        port,
        ...(data === undefined ? {} : { dataDir: resolve(runtime.cwd, data) }),
        ...compact({ rateLimit: limit, faults: read.faults }),
      },
      log === undefined ? undefined : resolve(runtime.cwd, log),
      runtime,
    );
  });
}

async function serve(options: EmulatorOptions, logPath: string | undefined, runtime: Runtime): Promise<ExitCode> {
  const log = logPath === undefined ? undefined : openLog(logPath);
  let server: Emulator;
  try {
    server = await startEmulator({ ...options, ...(log === undefined ? {} : { log: log.write }) });
  } catch (cause) {
    log?.close();
    throw cause;
  }
  runtime.stdout.write(`listening on ${server.url}\n`);
  // Prints this on stderr, because stdout has only the address, so that a script can read it.
  if (runtime.stderr.isTTY)
    runtime.stderr.write(`in another shell:\n  export DD_API_URL=${server.url} DD_API_KEY=any DD_APP_KEY=any\n`);
  await aborted(runtime.interrupts.stop);
  await server.close();
  log?.close();
  return 0;
}

async function printProblems(problems: readonly Problem[], runtime: Runtime): Promise<void> {
  if (problems.length === 0) return;
  const style = styleFor('err', terminalStyle({ color: 'auto' }, runtime));
  runtime.stderr.write(problemBlocks(problems, style, await loadFrames()));
}

function reject(runtime: Runtime, message: string, hint: string): ExitCode {
  const style = styleFor('err', terminalStyle({ color: 'never' }, runtime));
  runtime.stderr.write(`${style.bad} ${escapeControl(message)}\n  ${style.next} ${hint}\n`);
  return 3;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // The server's socket keeps the process alive; the promise alone would not.
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
