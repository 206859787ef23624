import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { mainStep, postStep, type Toolkit } from '../../../../src/github/step.ts';

export interface InProcessRun {
  readonly cwd: string;
  readonly env: Record<string, string>;
}

export interface InProcessEnded {
  readonly exitCode: number;
  readonly signal: null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The build fills this in; a test runs the sources. */
Object.assign(globalThis, { CONNSYNC_VERSION: '0.0.0-test' });

/**
 * Runs a step of the Action in this process, with an environment, streams and an exit code of its own. It costs a fraction of a Node
 * process; what only a process has (signals, the bundle, a module that reads the real environment) needs `process: 'own'`.
 */
export async function runInProcess(entry: 'action' | 'post', { cwd, env }: InProcessRun): Promise<InProcessEnded> {
  const [stdout, stderr] = [new Collected(), new Collected()];
  const process = { env, cwd: () => cwd, stdout, stderr, stdin: new PassThrough(), exitCode: undefined };
  const options = { process: process as unknown as NodeJS.Process, core: toolkitOf(process) };
  const never = new AbortController().signal;
  await (entry === 'post'
    ? postStep(options)
    : mainStep({ ...options, interrupts: { stop: never, cut: never, exitCode: () => undefined } }));
  return { exitCode: process.exitCode ?? 0, signal: null, stdout: stdout.text, stderr: stderr.text };
}

class Collected extends Writable {
  text = '';

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(text: string, _: BufferEncoding, done: () => void): void {
    this.text += text;
    done();
  }
}

interface StepProcess {
  readonly env: Readonly<Record<string, string>>;
  readonly stdout: Collected;
  exitCode: number | undefined;
}

/** `@actions/core` over one process object; the real one always means the process it runs in. */
function toolkitOf(process: StepProcess): Toolkit {
  const issue = (command: string, message: string): void => {
    process.stdout.write(`::${command}::${escaped(message)}\n`);
  };
  const append = (file: 'GITHUB_OUTPUT' | 'GITHUB_STATE', name: string, value: string): void => {
    const end = `ghadelimiter_${randomUUID()}`;
    appendFileSync(process.env[file] ?? '', `${name}<<${end}\n${value}\n${end}\n`);
  };
  return {
    getInput: (name) => (process.env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] ?? '').trim(),
    getState: (name) => process.env[`STATE_${name}`] ?? '',
    setSecret: (secret) => issue('add-mask', secret),
    setOutput: (name, value) => append('GITHUB_OUTPUT', name, asText(value)),
    saveState: (name, value) => append('GITHUB_STATE', name, asText(value)),
    notice: (message) => issue('notice', message),
    warning: (message) => issue('warning', message),
    setFailed: (message) => {
      process.exitCode = 1;
      issue('error', message);
    },
  };
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function escaped(text: string): string {
  return text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}
