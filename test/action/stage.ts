import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseLockfile } from '../../src/core/lockfile.ts';
import { startEmulator, type Emulator } from '../../src/emulator/server.ts';
import { quickCheckout } from './rig/git/checkout.ts';
import type { Changes } from './rig/git/repository.ts';
import { FakeGitHub } from './rig/github/fake-github.ts';
import { push, type WorkflowEvent } from './rig/runner/events.ts';
import { runAction, type ActionEnded, type ActionRun } from './rig/runner/run-action.ts';
import { jobToken, type Caller } from './rig/tokens.ts';

export const KEYS = { 'api-key': 'c0ffee11'.repeat(4), 'app-key': 'decade22'.repeat(5) };
export const TOKEN = 'ghs_16C7e42F292c6912E7710c838347Ae178B4a';
export const READ_TOKEN = 'ghs_readonly2C7e42F292c6912E7710c838347A';

/** These tests mostly wait for child processes, so they run in parallel with a generous timeout. */
export const SIDE_BY_SIDE = { concurrent: true, timeout: 450_000 } as const;

export interface StageOptions {
  readonly files?: Readonly<Record<string, string>>;
  readonly permissions?: Caller['permissions'];
  /** Serves GitHub at the addresses of an Enterprise Server. */
  readonly enterprise?: boolean;
}

/** Sets up GitHub with a repository, Datadog, and folders for checkouts. All of them are removed at the end. */
export class Stage {
  readonly github: FakeGitHub;
  readonly datadog: Emulator;
  readonly folder = mkdtempSync(join(tmpdir(), 'connsync-stage-'));
  #jobs = 0;

  private constructor(github: FakeGitHub, datadog: Emulator) {
    this.github = github;
    this.datadog = datadog;
  }

  static async start({ files = {}, permissions, enterprise = false }: StageOptions = {}): Promise<Stage> {
    const all = permissions ?? { contents: 'write', 'pull-requests': 'write', issues: 'write' };
    const tokens = { [TOKEN]: jobToken(all), [READ_TOKEN]: jobToken({ contents: 'read' }) };
    return new Stage(
      await FakeGitHub.start(tokens, { files: { 'README.md': '# data\n', ...files }, enterprise }),
      await startEmulator(),
    );
  }

  /** Returns a job's checkout of the tip of main, or of a commit. */
  async checkout(sha?: string): Promise<string> {
    this.#jobs += 1;
    const folder = join(this.folder, `job${this.#jobs}`);
    await quickCheckout(this.github.remote, folder, sha === undefined ? {} : { sha, detached: true });
    return folder;
  }

  async tip(): Promise<string> {
    return (await this.github.remote.repository.tip()) ?? '';
  }

  /** Simulates a merge to main. Returns the commit. */
  async merge(changes: Changes): Promise<string> {
    return this.github.remote.commit(changes);
  }

  /** Runs the action in a fresh checkout with the keys of the emulator. */
  async run(inputs: Readonly<Record<string, string>>, more: Partial<ActionRun> = {}): Promise<ActionEnded> {
    const event: WorkflowEvent = more.event ?? push(await this.tip());
    return runAction('action', {
      workspace: more.workspace ?? (await this.checkout()),
      github: this.github.api,
      token: TOKEN,
      ...more,
      event,
      inputs: { ...KEYS, 'api-url': this.datadog.url, ...inputs },
      env: { CONNSYNC_SETTLE_MS: '500', ...more.env },
    });
  }

  /** Runs the post step of that step. */
  async post({ state, temporary }: ActionEnded, { event, ...more }: Partial<ActionRun> = {}): Promise<ActionEnded> {
    return runAction('post', {
      workspace: more.workspace ?? this.folder,
      github: this.github.api,
      token: TOKEN,
      state,
      temporary,
      ...more,
      event: event ?? push(await this.tip()),
    });
  }

  /** An event without secrets: no keys and a read-only token. */
  async runForFork(
    event: WorkflowEvent,
    inputs: Readonly<Record<string, string>> = {},
    more: Partial<ActionRun> = {},
  ): Promise<ActionEnded> {
    return runAction('action', {
      workspace: more.workspace ?? (await this.checkout()),
      github: this.github.api,
      token: READ_TOKEN,
      ...more,
      event,
      inputs,
    });
  }

  /** Returns the keys that the lockfile at the tip of main records. */
  async recorded(): Promise<readonly string[]> {
    const text = await this.github.remote.repository.read('connections.lock');
    return text === undefined ? [] : [...parseLockfile(text, 'connections.lock').records.keys()];
  }

  live(): readonly string[] {
    return this.datadog
      .connections('users')
      .map(({ id }) => `users/${id}`)
      .toSorted();
  }

  /** Returns the methods of the requests to Datadog that change something. */
  writes(): readonly string[] {
    return this.datadog.requests.map(({ method }) => method).filter((method) => method !== 'GET');
  }

  /** Returns the actual number of creates of each connection. */
  creates(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.datadog.oracle.creates);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.github[Symbol.asyncDispose]();
    await this.datadog.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
