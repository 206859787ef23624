import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { spawn } from 'node:child_process';
import { reaped } from './children.ts';
import { NODE_CLOCK } from '../../src/runtime/node-runtime.ts';
import { run } from '../../src/cli/program.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/server.ts';

const ROOT = join(import.meta.dirname, '../..');
export const CLI = join(ROOT, 'dist/cli.cjs');

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Simulates typing on a terminal. */
  readonly typed?: string;
  readonly columns?: number;
  readonly stop?: AbortSignal;
}

/** A temporary folder and an emulator of Datadog on loopback. Both are removed at the end. */
export class Rig {
  readonly folder: string;
  readonly datadog: Emulator;

  private constructor(folder: string, datadog: Emulator) {
    this.folder = folder;
    this.datadog = datadog;
  }

  static async start(options: EmulatorOptions = {}): Promise<Rig> {
    return new Rig(mkdtempSync(join(tmpdir(), 'connsync-test-')), await startEmulator(options));
  }

  /** Returns the environment that connects a command to the emulator. */
  get keys(): Readonly<Record<string, string>> {
    return { DD_API_URL: this.datadog.url, DD_API_KEY: 'a'.repeat(32), DD_APP_KEY: 'b'.repeat(40) };
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true });
    writeFileSync(join(this.folder, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  remove(file: string): void {
    rmSync(join(this.folder, file), { recursive: true });
  }

  /** Runs the command in this process, with the emulator's keys. */
  async live(args: string, options: RunOptions = {}): Promise<Ended> {
    return this.run(args, { ...options, env: { ...this.keys, ...options.env } });
  }

  /** Runs the command in this process, with only the given environment. */
  async run(args: string, { env = {}, typed, columns, stop }: RunOptions = {}): Promise<Ended> {
    let stdout = '';
    let stderr = '';
    const terminal = typed !== undefined;
    const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
    stdin.end(typed ?? '');
    const runtime: Runtime = {
      cwd: this.folder,
      env,
      stdout: { write: (text) => void (stdout += text), isTTY: terminal, columns },
      stderr: { write: (text) => void (stderr += text), isTTY: terminal, columns },
      stdin,
      version: '0.0.0-test',
      packageFolder: ROOT,
      clock: NODE_CLOCK,
      interrupts: {
        stop: stop ?? new AbortController().signal,
        cut: new AbortController().signal,
        exitCode: () => (stop?.aborted === true ? 130 : undefined),
      },
    };
    const exitCode = await run(split(args), runtime);
    return { exitCode, stdout, stderr };
  }

  /** Runs the built command in its own process. */
  async spawn(args: string, { env = {} }: RunOptions = {}): Promise<Ended> {
    const child = reaped(
      spawn(process.execPath, [CLI, ...split(args)], {
        cwd: this.folder,
        env: { PATH: process.env['PATH'] ?? '', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => void (stdout += text));
    child.stderr.on('data', (text) => void (stderr += text));
    const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { exitCode, stdout, stderr };
  }

  /** Returns the methods and paths of the requests to Datadog since the log was last cleared. */
  sent(): readonly string[] {
    return this.datadog.requests.map(({ method, path }) => `${method} ${path}`);
  }

  writes(): readonly string[] {
    return this.sent().filter((request) => !request.startsWith('GET '));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.datadog.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Returns a manifest with one field for each given id. */
export function manifest(key: string, fields: readonly string[] = ['plan'], rest = ''): string {
  const [entity = '', id = ''] = key.split('/');
  const list = fields.map((field) => `  - id: ${field}\n    source_name: ${field}_column\n    type: string\n`).join('');
  return `entity: ${entity}\nid: ${id}\ntype: ref_table\njoin_attribute: user_email\njoin_type: email\n${list === '' ? '' : `fields:\n${list}`}${rest}`;
}

function split(args: string): readonly string[] {
  return args.split(' ').filter((arg) => arg !== '');
}
