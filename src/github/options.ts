import { tmpdir } from 'node:os';
import type { Runtime } from '../runtime/runtime.ts';
import type { GitHubApi } from './api.ts';
import type { Checkout } from './checkout.ts';
import type { ActionEvent } from './event.ts';
import type { Git } from './git.ts';
import type { ActionInputs } from './inputs.ts';

/** What the Action needs of the process it runs in; only the entry point builds one from the real thing. */
export interface ActionOptions {
  readonly inputs: ActionInputs;
  readonly event: ActionEvent;
  readonly runner: Runner;
  readonly tell: ActionReporting;
  readonly runtime: (cwd: string, print: (text: string) => void) => Runtime;
  /** Takes every secret out of a text. */
  readonly redact: (text: string) => string;
}

/** What a command of the Action works on. */
export interface CommandOptions {
  readonly options: ActionOptions;
  readonly runtime: Runtime;
  readonly checkout: Checkout;
  readonly api: GitHubApi | undefined;
  /** Runs in the working directory. */
  readonly git: Git;
  /** Where a plan is put. */
  readonly planFile: string;
}

/** Where the runner put things, and where GitHub is. */
export interface Runner {
  /** The folder that repositories are checked out into. */
  readonly workspace: string;
  /** Outlives the step, not the job. */
  readonly temporary: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The ways to say something in GitHub. */
export interface ActionReporting {
  /** Into the step's log, as it is. */
  readonly print: (text: string) => void;
  readonly notice: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly output: (name: string, value: string) => void;
  /** For the step at the job's end. */
  readonly saveState: (value: string) => void;
  readonly summarise: (text: string) => void;
}

export function runnerOf(environment: Runner['environment'], cwd: string): Runner {
  return {
    workspace: environment['GITHUB_WORKSPACE'] ?? cwd,
    temporary: environment['RUNNER_TEMP'] ?? tmpdir(),
    apiUrl: environment['GITHUB_API_URL'] ?? 'https://api.github.com',
    serverUrl: environment['GITHUB_SERVER_URL'] ?? 'https://github.com',
    environment,
  };
}
