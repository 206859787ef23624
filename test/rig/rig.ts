import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { spawn } from 'node:child_process';
import { runAsProcess } from '../hostile/process.ts';
import { reaped } from './children.ts';
import { ROOT, runInProcess } from './in-process.ts';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/server.ts';

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

  /** Starts a rig whose manifests, by path, are applied; the log of requests is empty then. */
  static async applied(files: Readonly<Record<string, string>>, options: EmulatorOptions = {}): Promise<Rig> {
    const rig = await Rig.start(options);
    for (const [file, text] of Object.entries(files)) rig.write(file, text);
    const { exitCode, stderr } = await rig.live('apply');
    if (exitCode !== 0) throw new Error(`apply ended with ${exitCode}: ${stderr}`);
    rig.datadog.resetLog();
    return rig;
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
  async run(args: string, options: RunOptions = {}): Promise<Ended> {
    const { exitCode, stdout, stderr } = await runInProcess(split(args), { cwd: this.folder, ...options });
    return { exitCode, stdout, stderr };
  }

  /** The command in this process, behind all that a process puts in front of it: the redactor, and no keys left in its environment. */
  async runAsProcess(args: string, { env = {} }: RunOptions = {}): Promise<Ended> {
    if (process.env['CONNSYNC_PROCESS'] === '1') return await this.spawn(args, { env });
    return await runAsProcess(split(args), { cwd: this.folder, env });
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
