import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { run } from '../../src/cli/program.ts';
import { NODE_CLOCK } from '../../src/runtime/node-runtime.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';

export const ROOT = join(import.meta.dirname, '../..');

export interface InProcessOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Something is typed on a terminal. */
  readonly typed?: string;
  readonly columns?: number;
  readonly stop?: AbortSignal;
  readonly version?: string;
}

export interface InProcessEnded {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both streams, in the order in which they were written. */
  readonly output: string;
}

/** Runs the command in this process, with a folder, an environment and streams of its own. */
export async function runInProcess(
  args: readonly string[],
  { cwd, env = {}, typed, columns, stop, version = '0.0.0-test' }: InProcessOptions,
): Promise<InProcessEnded> {
  const printed = { stdout: '', stderr: '', output: '' };
  const terminal = typed !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  stdin.end(typed ?? '');
  const outputTo = (stream: 'stdout' | 'stderr'): Runtime['stdout'] => ({
    write: (text) => {
      printed[stream] += text;
      printed.output += text;
    },
    isTTY: terminal,
    columns,
  });
  const exitCode = await run(args, {
    cwd,
    env,
    stdout: outputTo('stdout'),
    stderr: outputTo('stderr'),
    stdin,
    version,
    packageFolder: ROOT,
    clock: NODE_CLOCK,
    interrupts: {
      stop: stop ?? new AbortController().signal,
      cut: new AbortController().signal,
      exitCode: () => (stop?.aborted === true ? 130 : undefined),
    },
  });
  return { exitCode, ...printed };
}

/** A line of an example that needs no shell. */
export interface TypedCommand {
  readonly args: readonly string[];
  /** The file that its output goes to. */
  readonly into: string | undefined;
}

/** Commands that end only with a signal, or that are about the process itself. */
const NEEDS_PROCESS = new Set(['watch', 'demo', 'emulator', 'completion', 'version', '--version', '-V']);
/** With `npm run test:long` every example is typed into a shell. */
const ALWAYS_SHELL = process.env['CONNSYNC_PROCESS'] === '1';

/** Reads `connsync …` with plain or single-quoted words and perhaps `> file`; undefined for anything that only a shell understands. */
export function typedCommand(line: string): TypedCommand | undefined {
  if (ALWAYS_SHELL) return undefined;
  const [, words, into] = /^connsync((?: +(?:[\w@%+=:,./-]+|'[^'\n]*'))+)(?: +> +([\w./-]+))?$/.exec(line.trim()) ?? [];
  if (words === undefined) return undefined;
  const args = [...words.matchAll(/'([^']*)'|[^ ']+/g)].map(([word, quoted]) => quoted ?? word);
  return NEEDS_PROCESS.has(args[0] ?? '') ? undefined : { args, into };
}

/** Runs it, and returns what a terminal would show. */
export async function runTyped({ args, into }: TypedCommand, options: InProcessOptions): Promise<InProcessEnded> {
  const ended = await runInProcess(args, options);
  if (into === undefined) return ended;
  writeFileSync(resolve(options.cwd, into), ended.stdout);
  return { ...ended, stdout: '', output: ended.stderr };
}
