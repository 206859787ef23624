import { spawn, type ChildProcess } from 'node:child_process';
import { complaints, undescribed } from '../schemas/published.ts';
import { expect } from 'vitest';
import { reaped } from '../rig/children.ts';
import { CLI, type Rig } from '../rig/rig.ts';

/** One line of `--format ndjson`. */
export interface EventLine {
  readonly type: string;
  readonly run: string;
  readonly seq: number;
  readonly [member: string]: unknown;
}

export interface Ended {
  readonly exitCode: number | null;
  readonly stderr: string;
}

/** The longest wait, in milliseconds. It is generous because the machine may be busy with other tests. */
const PATIENCE_MS = 240_000;

/** Runs `connsync watch --format ndjson` in its own process. */
export class WatchProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  readonly events: EventLine[] = [];
  #rest = '';
  #ended: Ended | undefined;

  constructor(rig: Rig, args = '', env: Readonly<Record<string, string>> = rig.keys) {
    const child = reaped(
      spawn(process.execPath, [CLI, 'watch', '--format', 'ndjson', ...args.split(' ').filter((arg) => arg !== '')], {
        cwd: rig.folder,
        env: { PATH: process.env['PATH'] ?? '', CONNSYNC_SETTLE_MS: '600', ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
      }),
    );
    let stderr = '';
    child.stdout.setEncoding('utf8');
    child.stderr.on('data', (text) => void (stderr += text));
    child.stdout.on('data', (text) => this.#hear(String(text)));
    this.child = child;
    this.ended = new Promise((resolve) =>
      child.on('close', (exitCode) => {
        this.#ended = { exitCode, stderr };
        resolve(this.#ended);
      }),
    );
  }

  /** Returns the events after a position that `mark` returned earlier. */
  since(mark: number): readonly EventLine[] {
    return this.events.slice(mark);
  }

  get mark(): number {
    return this.events.length;
  }

  #hear(text: string): void {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.events.push(JSON.parse(line) as EventLine);
  }

  /** Waits until the events since `mark` match, and returns them. */
  async until(what: (events: readonly EventLine[]) => boolean, mark = 0): Promise<readonly EventLine[]> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!what(this.since(mark))) {
      if (this.#ended !== undefined && this.#rest === '')
        throw new Error(`it ended with ${this.#ended.exitCode}: ${this.#ended.stderr}${this.#recentEvents()}`);
      if (performance.now() > deadline) throw new Error(`no such event; so far:\n${this.#recentEvents()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.since(mark);
  }

  #recentEvents(): string {
    return this.events
      .slice(-40)
      .map((event) => JSON.stringify(event))
      .join('\n');
  }

  /** Waits for an event of the given type with the given members. */
  async waitFor(
    type: string,
    mark = 0,
    members: Readonly<Record<string, unknown>> = {},
  ): Promise<readonly EventLine[]> {
    const wanted = JSON.stringify(Object.entries(members).toSorted());
    return this.until(
      (events) =>
        events.some(
          (event) =>
            event.type === type &&
            JSON.stringify(
              Object.keys(members)
                .toSorted()
                .map((name) => [name, event[name]]),
            ) === wanted,
        ),
      mark,
    );
  }

  /** Ends the process with a signal, and checks every event against the published schema. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Ended> {
    this.child.kill(signal);
    const ended = await this.ended;
    expect(new Set(this.events.map(({ run }) => run)).size).toBe(1);
    expect(this.events.map(({ seq }) => seq)).toEqual(this.events.map((_, index) => index + 1));
    for (const event of this.events)
      expect([...complaints('events', event), ...undescribed('events', event)]).toEqual([]);
    expect([this.events[0]?.type, this.events.at(-1)?.type]).toEqual(['start', 'end']);
    return ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

export function typesOf(events: readonly EventLine[]): readonly string[] {
  return events.map(({ type }) => type);
}

/** Waits long enough for every effect of a save, including the second read. */
export async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1_600));
}
