import process from 'node:process';
import { processWorld } from '../runtime/node-runtime.ts';
import { run } from './program.ts';
import { printableText } from '../core/escape-control.ts';
import { listenForSignals } from '../runtime/signals.ts';

/** The command line: arguments and environment in, exit code out. The generated entry `dist/cli.cjs` calls it. */
export async function main(version: string, packageFolder: string): Promise<void> {
  const world = processWorld(process, { version, packageFolder }, listenForSignals(process));
  try {
    process.exitCode = await run(process.argv.slice(2), world);
  } catch (cause) {
    world.stderr.write(
      `✗ unexpected, a bug of connsync: ${printableText(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))}\n`,
    );
    process.exitCode = 1;
  }
}
