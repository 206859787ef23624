import { appendFileSync, readFileSync } from 'node:fs';
import process from 'node:process';
import * as core from '@actions/core';
import { redactor } from './core/redact.ts';
import { actionWorld } from './github/action-world.ts';
import { eventOf } from './github/event.ts';
import { readInputs } from './github/inputs.ts';
import { secretsOf } from './github/masks.ts';
import { runAction } from './github/run.ts';
import { listenForSignals } from './commands/signals.ts';
import { secretsIn } from './commands/secrets.ts';

// The GitHub Action: the second rim beside cli.ts. Inputs and event in; outputs, summary, comment and colour of the step out.
await main();

async function main(): Promise<void> {
  const interrupts = listenForSignals(process);
  const { env } = process;
  const secrets = secretsOf((name) => core.getInput(name), secretsIn(env));
  for (const secret of secrets) core.setSecret(secret);
  const redact = redactor(secrets);
  try {
    const inputs = readInputs((name) => core.getInput(name));
    const event = eventOf(payloadIn(env['GITHUB_EVENT_PATH']), env);
    const isGreen = await runAction({
      inputs,
      event,
      redact,
      workspace: env['GITHUB_WORKSPACE'] ?? process.cwd(),
      temporary: env['RUNNER_TEMP'] ?? process.cwd(),
      apiUrl: env['GITHUB_API_URL'] ?? 'https://api.github.com',
      serverUrl: env['GITHUB_SERVER_URL'] ?? 'https://github.com',
      world: (cwd, print) => actionWorld(process, { cwd, print, interrupts, input: (name) => core.getInput(name) }),
      environment: env,
      print: (text) => process.stdout.write(redact(text)),
      notice: (text) => core.notice(redact(text)),
      warn: (text) => core.warning(redact(text)),
      output: (name, value) => core.setOutput(name, value),
      saveState: (value) => core.saveState('recording', value),
      summarise: (text) => {
        const file = env['GITHUB_STEP_SUMMARY'];
        if (file !== undefined && file !== '') appendFileSync(file, redact(text));
      },
    });
    if (!isGreen) process.exitCode = 1;
  } catch (cause) {
    // Nothing of a payload or an answer stands in it unredacted; a stack is a bug's address.
    core.setFailed(redact(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)));
  }
}

function payloadIn(path: string | undefined): Readonly<Record<string, unknown>> {
  if (path === undefined || path === '') return {};
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
