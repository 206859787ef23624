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

/** Serves the emulator until a signal comes; its address is the first line on stdout. */
export async function emulator(flags: EmulatorFlags, runtime: Runtime): Promise<ExitCode> {
  return runPlainCommand({ format: 'human' }, runtime, async () => {
    const { port, data, rateLimit, faults, log } = flags;
    const limit = rateLimit === undefined ? undefined : parseRateLimit(rateLimit);
    if (rateLimit !== undefined && limit === undefined)
      return refuse(runtime, `--rate-limit is ${rateLimit}`, 'write it as 20/1s, or 50/10s');
    const wrong = faults === undefined ? { problems: [] } : readFaults(runtime.cwd, faults);
    await tell(wrong.problems, runtime);
    if (hasErrors(wrong.problems)) return 3;
    return serve(
      {
        port,
        ...(data === undefined ? {} : { dataDir: resolve(runtime.cwd, data) }),
        ...compact({ rateLimit: limit, faults: wrong.faults }),
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
  // stdout is the address alone, for whoever starts it from a script.
  if (runtime.stderr.isTTY)
    runtime.stderr.write(`in another shell:\n  export DD_API_URL=${server.url} DD_API_KEY=any DD_APP_KEY=any\n`);
  await aborted(runtime.interrupts.stop);
  await server.close();
  log?.close();
  return 0;
}

async function tell(problems: readonly Problem[], runtime: Runtime): Promise<void> {
  if (problems.length === 0) return;
  const style = styleFor('err', terminalStyle({ color: 'auto' }, runtime));
  runtime.stderr.write(problemBlocks(problems, style, await loadFrames()));
}

function refuse(runtime: Runtime, what: string, next: string): ExitCode {
  const style = styleFor('err', terminalStyle({ color: 'never' }, runtime));
  runtime.stderr.write(`${style.bad} ${escapeControl(what)}\n  ${style.next} ${next}\n`);
  return 3;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // A pending promise keeps no process alive, but the server's socket does.
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
