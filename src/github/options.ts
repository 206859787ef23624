import { tmpdir } from 'node:os';
import type { Runtime } from '../runtime/runtime.ts';
import type { GitHubApi } from './api.ts';
import type { Checkout } from './checkout.ts';
import type { ActionEvent } from './event.ts';
import type { Git } from './git.ts';
import type { ActionInputs } from './inputs.ts';

/** The dependencies of the Action. Only the entry point builds them from the real process. */
export interface ActionOptions {
  readonly inputs: ActionInputs;
  readonly event: ActionEvent;
  readonly runner: Runner;
  readonly reporting: ActionReporting;
  readonly runtime: (cwd: string, print: (text: string) => void) => Runtime;
  /** Redacts every known secret in a text. */
  readonly redact: (text: string) => string;
}

/** The dependencies of one command of the Action. */
export interface CommandOptions {
  readonly options: ActionOptions;
  readonly runtime: Runtime;
  readonly checkout: Checkout;
  readonly api: GitHubApi | undefined;
  /** Runs git in the working directory. */
  readonly git: Git;
  /** Path of the file to write a plan to. */
  readonly planFile: string;
}

/** The runner's folders and GitHub's URLs. */
export interface Runner {
  /** The folder that contains checkouts. */
  readonly workspace: string;
  /** A temporary folder that exists until the end of the job. */
  readonly temporary: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The ways to report something in GitHub. */
export interface ActionReporting {
  /** Writes to the step's log, unchanged. */
  readonly print: (text: string) => void;
  readonly notice: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly output: (name: string, value: string) => void;
  /** Saves a value for the step at the end of the job. */
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
