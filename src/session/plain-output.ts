import { Failure, type ExitCode } from '../core/diagnostic.ts';
import { escapeControlJson, escapeControl } from '../core/escape-control.ts';
import { problemDocument } from '../reporters/documents.ts';
import { symbolsOf } from '../reporters/human/symbols.ts';
import type { CommonFlags } from './flags.ts';
import { isUnicode } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Runs a command that prints one short result instead of events. Prints a failure to stderr, and as a JSON document to
 * stdout unless the format is human.
 */
export async function runPlainCommand(
  { format }: Pick<CommonFlags, 'format'>,
  { stdout, stderr, env }: Runtime,
  body: () => Promise<ExitCode>,
): Promise<ExitCode> {
  try {
    return await body();
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    const { bad, next } = symbolsOf(isUnicode(env));
    const hint = cause.hint === undefined ? '' : `  ${next} ${escapeControl(cause.hint)}\n`;
    stderr.write(`${bad} ${escapeControl(cause.message)}\n${hint}`);
    if (format !== 'human')
      stdout.write(`${escapeControlJson({ formatVersion: '1.0', problems: [problemDocument(cause.toProblem())] })}\n`);
    return cause.exitCode;
  }
}
