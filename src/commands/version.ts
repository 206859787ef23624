import type { ExitCode } from '../core/diagnostic.ts';
import type { OutputFlags } from '../session/flags.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Prints the version: the number alone, as `--version` does, or one JSON object. */
export function version({ format }: OutputFlags, { stdout, version: number }: Runtime): ExitCode {
  stdout.write(`${format === 'human' ? number : JSON.stringify({ formatVersion: '1.0', version: number })}\n`);
  return 0;
}
