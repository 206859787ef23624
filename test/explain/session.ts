import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reaped } from '../rig/children.ts';
import { runInProcess, typedCommand } from '../rig/in-process.ts';
import { CLI, type Rig } from '../rig/rig.ts';

/** The result of a session: its output, and the codes that its last `connsync` reported. */
export interface Session {
  readonly output: string;
  readonly codes: readonly string[];
  readonly exitCode: number | null;
}

export interface SessionOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Runs every `connsync` with JSON output, so that its codes can be read. */
  readonly json: boolean;
}

/** Returns the commands of an example, without their prompt. */
export function typedLines(text: string): readonly string[] {
  return text.split('\n').flatMap((line) => (line.startsWith('$ ') ? line.slice(2) : []));
}

/** Returns the output lines of an example. */
export function printedLines(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('$ '));
}

/**
 * Runs every `connsync` of a session in this process and the other lines in a shell, one by one. Undefined if the lines depend on one
 * another in a way that only one shell knows.
 */
async function runWithoutShell(
  lines: readonly string[],
  rig: Rig,
  { env = {}, json }: SessionOptions,
): Promise<Session | undefined> {
  const steps = lines.map((line) => ({ line, command: typedCommand(line), variable: variableOf(line) }));
  // What is loaded into Node needs a Node of its own.
  if ('NODE_OPTIONS' in env || steps.some(({ line, command, variable }) => !command && !variable && !ALONE.test(line)))
    return undefined;
  const environment: Record<string, string | undefined> = { ...rig.keys, ...env };
  const printed: string[] = [];
  let codes: readonly string[] = [];
  let exitCode: number | null = 0;
  for (const { line, command, variable } of steps)
    if (variable !== undefined) environment[variable.name] = variable.value;
    else if (command === undefined) {
      const ended = await shell(line, rig.folder, { PATH: process.env['PATH'] ?? '' });
      printed.push(ended.output);
      ({ exitCode } = ended);
    } else {
      const args = json ? [...command.args, '--format', 'json'] : command.args;
      const ended = await runInProcess(args, { cwd: rig.folder, env: environment });
      if (json) codes = codesIn(ended.stdout);
      if (command.into === undefined) printed.push(ended.output);
      else rig.write(command.into, ended.stdout);
      ({ exitCode } = ended);
    }
  return { output: printed.join(''), codes, exitCode };
}

/** A program that needs nothing of the lines before it. */
const ALONE = /^(?:cp|git|ln|ls|mkdir|mv|printf|rm|sed|seq|tail) /;

function variableOf(line: string): { readonly name: string; readonly value: string | undefined } | undefined {
  const [, unset] = /^unset (\w+)$/.exec(line) ?? [];
  if (unset !== undefined) return { name: unset, value: undefined };
  const [, name, value] = /^export (\w+)=(\w*)$/.exec(line) ?? [];
  return name === undefined ? undefined : { name, value };
}

/** Runs an example in a real shell, in the folder of a rig, where `connsync` is the built command. */
export async function runSession(text: string, rig: Rig, { env = {}, json }: SessionOptions): Promise<Session> {
  const inProcess = await runWithoutShell(typedLines(text), rig, { env, json });
  if (inProcess !== undefined) return inProcess;
  const bin = mkdtempSync(join(tmpdir(), 'connsync-bin-'));
  const answer = join(bin, 'answer');
  try {
    writeFileSync(
      join(bin, 'connsync'),
      json ? asking(answer) : `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`,
    );
    chmodSync(join(bin, 'connsync'), 0o755);
    writeFileSync(answer, '');
    const ended = await shell(typedLines(text).join('\n'), rig.folder, {
      ...rig.keys,
      ...env,
      PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    });
    return { ...ended, codes: json ? codesIn(readFileSync(answer, 'utf8')) : [] };
  } finally {
    rmSync(bin, { recursive: true, force: true });
  }
}

/** Requests JSON, saves the output of the last command, and passes it on. */
function asking(answer: string): string {
  return `#!/bin/sh
"${process.execPath}" "${CLI}" "$@" --format json > "${answer}"
code=$?
cat "${answer}"
exit $code
`;
}

async function shell(
  script: string,
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly output: string; readonly exitCode: number | null }> {
  const child = reaped(spawn('bash', ['-c', script], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] }));
  let output = '';
  child.stdout.on('data', (text) => void (output += text));
  child.stderr.on('data', (text) => void (output += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { output, exitCode };
}

/** Returns the codes in a document of `--format json`: those of its problems and of its refusals. */
export function codesIn(text: string): readonly string[] {
  const document = JSON.parse(text) as {
    readonly problems?: readonly { readonly code: string }[];
    readonly refusals?: readonly { readonly code: string }[];
  };
  return [...(document.problems ?? []), ...(document.refusals ?? [])].map(({ code }) => code);
}

/** Reports whether a line was printed; `…` matches text that differs from run to run. */
export function wasPrinted(line: string, output: string): boolean {
  const pattern = line
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('.*');
  return new RegExp(`^${pattern}$`, 'm').test(output);
}

/** Writes an example file into the folder of a rig. */
export function place(rig: Rig, file: string, text: string): void {
  mkdirSync(join(rig.folder, 'connections'), { recursive: true });
  rig.write(file, text);
}
