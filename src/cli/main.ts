import process from 'node:process';
import { nodeRuntime } from '../runtime/node-runtime.ts';
import { run } from './program.ts';
import { escapeControlText } from '../core/escape-control.ts';
import { listenForSignals } from '../runtime/signals.ts';

/** Runs the command line of this process and sets its exit code. The generated entry `dist/cli.cjs` calls it. */
export async function main(version: string, packageFolder: string): Promise<void> {
  const runtime = nodeRuntime(process, { version, packageFolder }, listenForSignals(process));
  try {
    process.exitCode = await run(process.argv.slice(2), runtime);
  } catch (cause) {
    runtime.stderr.write(
      `✗ unexpected error, a bug in connsync: ${escapeControlText(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))}\n`,
    );
    process.exitCode = 1;
  }
}
