import { resolve } from 'node:path';
import { Failure, type ExitCode } from '../core/diagnostic.ts';
import { parseRateLimit, startEmulator, type EmulatorOptions } from '../emulator/server.ts';
import type { World } from './world.ts';

export interface EmulatorFlags {
  readonly port: number;
  readonly data?: string;
  readonly rateLimit?: string;
}

/** Serves the emulator until a signal comes; its address is the first line on stdout. */
export async function emulator({ port, data, rateLimit }: EmulatorFlags, world: World): Promise<ExitCode> {
  const limit = rateLimit === undefined ? undefined : parseRateLimit(rateLimit);
  if (rateLimit !== undefined && limit === undefined)
    return refuse(world, `--rate-limit is ${rateLimit}`, 'write it as 20/1s, or 50/10s');
  const options: EmulatorOptions = {
    port,
    ...(data === undefined ? {} : { dataDir: resolve(world.cwd, data) }),
    ...(limit === undefined ? {} : { rateLimit: limit }),
  };
  let server: Awaited<ReturnType<typeof startEmulator>>;
  try {
    server = await startEmulator(options);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    return refuse(
      world,
      cause instanceof Error ? cause.message : String(cause),
      'choose another --port, or another --data folder',
      5,
    );
  }
  world.stdout.write(`listening on ${server.url}\n`);
  await aborted(world.interrupts.stop);
  await server.close();
  return 0;
}

function refuse(world: World, what: string, next: string, exitCode: ExitCode = 3): ExitCode {
  world.stderr.write(`✗ ${what}\n  → ${next}\n`);
  return exitCode;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // A pending promise keeps no process alive, but the server's socket does.
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
