import { appendFileSync, readFileSync } from 'node:fs';
import { NODE_CLOCK } from '../runtime/node-runtime.ts';
import type { Interrupts } from '../runtime/runtime.ts';
import { secretsIn } from '../runtime/secrets.ts';
import { Failure } from '../core/diagnostic.ts';
import { redactor } from '../core/redact.ts';
import { recordFailedReporter } from '../reporters/record-failed.ts';
import { actionRuntime } from './action-runtime.ts';
import { gitHubApi } from './api.ts';
import { eventOf } from './event.ts';
import { gitIn } from './git.ts';
import { readInputs } from './inputs.ts';
import { secretsOf } from './masks.ts';
import { runnerOf, type ActionReporting } from './options.ts';
import { parseResumeState, recordUnfinished } from './resume.ts';
import { runAction } from './run.ts';
import { stopCommands } from './stop-commands.ts';

/** The functions of `@actions/core` that the Action calls. */
export interface Toolkit {
  getInput(name: string): string;
  getState(name: string): string;
  setSecret(secret: string): void;
  setOutput(name: string, value: unknown): void;
  saveState(name: string, value: unknown): void;
  notice(message: string): void;
  warning(message: string): void;
  /** Prints the message as an error and makes the step fail. */
  setFailed(message: string): void;
}

/** The process that a step of the Action runs in. */
export interface StepOptions {
  readonly process: NodeJS.Process;
  readonly core: Toolkit;
}

/**
 * Runs the main step: reads the inputs and the event, runs the command, and sets the outputs and the result of the
 * step.
 */
export async function mainStep({
  process,
  core,
  interrupts,
}: StepOptions & { readonly interrupts: Interrupts }): Promise<void> {
  const { env } = process;
  const input = (name: string): string => core.getInput(name);
  const secrets = secretsOf(input, secretsIn(env));
  for (const secret of secrets) core.setSecret(secret);
  const redact = redactor(secrets);
  try {
    const isGreen = await runAction({
      inputs: readInputs(input),
      event: eventOf(payloadIn(env['GITHUB_EVENT_PATH']), env),
      runner: runnerOf(env, process.cwd()),
      reporting: reportingInto({ process, core }, redact),
      runtime: (cwd, print) => actionRuntime(process, { cwd, print, interrupts, input }),
      redact,
    });
    if (!isGreen) process.exitCode = 1;
  } catch (cause) {
    core.setOutput('exit-code', cause instanceof Failure ? cause.exitCode : 1);
    core.setFailed(redact(failureText(cause)));
  }
}

/**
 * Runs the step at the end of the job. It records the changes of an apply that was cancelled or killed before it could
 * record them.
 */
export async function postStep({ process, core }: StepOptions): Promise<void> {
  const { env } = process;
  const secrets = secretsOf((name) => core.getInput(name), secretsIn(env));
  for (const secret of secrets) core.setSecret(secret);
  const redact = redactor(secrets);
  try {
    const saved = parseResumeState(core.getState('recording'));
    if (saved === undefined) return;
    const { folder: cwd, remote } = saved.plan;
    const token = core.getInput('github-token').trim() || undefined;
    const clients = {
      api: token === undefined ? undefined : gitHubApi(token, { apiUrl: runnerOf(env, cwd).apiUrl, redact }),
      git: gitIn({ cwd, remote, token, environment: env, redact }),
      clock: NODE_CLOCK,
    };
    const print = (text: string): void => void process.stdout.write(redact(text));
    const commit = await stopCommands(print, (quietly) =>
      recordUnfinished(saved, clients, recordFailedReporter(quietly).report),
    );
    if (commit !== undefined) core.notice(`Recorded the changes of the interrupted apply in ${commit}.`);
  } catch (cause) {
    const hint = cause instanceof Failure && cause.hint !== undefined ? `\n→ ${cause.hint}` : '';
    core.setFailed(redact(`${cause instanceof Error ? cause.message : String(cause)}${hint}`));
  }
}

function reportingInto({ process, core }: StepOptions, redact: (text: string) => string): ActionReporting {
  const summary = process.env['GITHUB_STEP_SUMMARY'];
  return {
    print: (text) => process.stdout.write(redact(text)),
    notice: (text) => core.notice(redact(text)),
    warn: (text) => core.warning(redact(text)),
    output: (name, value) => core.setOutput(name, redact(value)),
    saveState: (value) => core.saveState('recording', value),
    summarise: (text) => {
      if (summary !== undefined && summary !== '') appendFileSync(summary, redact(text));
    },
  };
}

/** Returns the message and hint of an expected failure, or the stack of a bug. */
function failureText(cause: unknown): string {
  if (cause instanceof Failure) return cause.hint === undefined ? cause.message : `${cause.message}\n→ ${cause.hint}`;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}

function payloadIn(path: string | undefined): unknown {
  if (path === undefined || path === '') return undefined;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
