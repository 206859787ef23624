import { appendFileSync, readFileSync } from 'node:fs';
import process from 'node:process';
import * as core from '@actions/core';
import { secretsIn } from './runtime/secrets.ts';
import { listenForSignals } from './runtime/signals.ts';
import { Failure } from './core/diagnostic.ts';
import { redactor } from './core/redact.ts';
import { actionRuntime } from './github/action-runtime.ts';
import { eventOf } from './github/event.ts';
import { readInputs } from './github/inputs.ts';
import { secretsOf } from './github/masks.ts';
import { runnerOf, type ActionReporting } from './github/options.ts';
import { runAction } from './github/run.ts';

// Entry point of the GitHub Action. Reads the inputs and the event; sets outputs, summary, comment and the result of the step.
await main();

async function main(): Promise<void> {
  // On cancellation, the runner sends SIGINT, then SIGTERM after 7.5 s, then SIGKILL after 2.5 s. Recording uses that time.
  const interrupts = listenForSignals(process, { patient: true });
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
      reporting: reportingInto(env['GITHUB_STEP_SUMMARY'], redact),
      runtime: (cwd, print) => actionRuntime(process, { cwd, print, interrupts, input }),
      redact,
    });
    if (!isGreen) process.exitCode = 1;
  } catch (cause) {
    core.setOutput('exit-code', cause instanceof Failure ? cause.exitCode : 1);
    core.setFailed(redact(failureText(cause)));
  }
}

function reportingInto(summary: string | undefined, redact: (text: string) => string): ActionReporting {
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
