import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { nodeRuntime } from '../../src/runtime/node-runtime.ts';
import { run } from '../../src/cli/program.ts';

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, behind the same redactor as a separate process and without keys. */
export async function runAsProcess(
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<Ran> {
  const [stdout, stderr] = [outputStream(), outputStream()];
  const stdin = new PassThrough();
  stdin.end();
  const process = { env: { ...env }, cwd: () => cwd, stdout, stderr, stdin };
  const never = new AbortController().signal;
  const runtime = nodeRuntime(
    process as unknown as NodeJS.Process,
    { version: '0.0.0-test', packageFolder: cwd },
    { stop: never, cut: never, exitCode: () => undefined },
  );
  const exitCode = await run(args, runtime).catch((cause: unknown) => {
    runtime.stderr.write(`${cause instanceof Error ? String(cause.stack) : String(cause)}\n`);
    return 1;
  });
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}

function outputStream(): EventEmitter & { text: string; write(text: string): void; readonly isTTY: boolean } {
  return Object.assign(new EventEmitter(), {
    text: '',
    isTTY: false,
    write(this: { text: string }, text: string) {
      this.text += text;
    },
  });
}
