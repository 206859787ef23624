import process from 'node:process';
import * as core from '@actions/core';
import { NODE_CLOCK } from './runtime/node-runtime.ts';
import { secretsIn } from './runtime/secrets.ts';
import { Failure } from './core/diagnostic.ts';
import { redactor } from './core/redact.ts';
import { gitHubApi } from './github/api.ts';
import { gitIn } from './github/git.ts';
import { secretsOf } from './github/masks.ts';
import { runnerOf } from './github/options.ts';
import { stopCommands } from './github/stop-commands.ts';
import { parseResumeState, recordUnfinished } from './github/resume.ts';
import { recordFailedReporter } from './reporters/record-failed.ts';

// The step at the end of the job: records the changes of an apply that was cancelled or killed before it could record them.
await main();

async function main(): Promise<void> {
  const { env } = process;
  const secrets = secretsOf((name) => core.getInput(name), secretsIn(env));
  for (const secret of secrets) core.setSecret(secret);
  const redact = redactor(secrets);
  try {
    const resumeState = parseResumeState(core.getState('recording'));
    if (resumeState === undefined) return;
    const { folder: cwd, remote } = resumeState.plan;
    const token = core.getInput('github-token').trim() || undefined;
    const clients = {
      api: token === undefined ? undefined : gitHubApi(token, { apiUrl: runnerOf(env, cwd).apiUrl, redact }),
      git: gitIn({ cwd, remote, token, environment: env, redact }),
      clock: NODE_CLOCK,
    };
    const print = (text: string): void => void process.stdout.write(redact(text));
    const commit = await stopCommands(print, (quietly) =>
      recordUnfinished(resumeState, clients, recordFailedReporter(quietly).report),
    );
    if (commit !== undefined) core.notice(`Recorded the changes of the interrupted apply in ${commit}.`);
  } catch (cause) {
    const hint = cause instanceof Failure && cause.hint !== undefined ? `\n→ ${cause.hint}` : '';
    core.setFailed(redact(`${cause instanceof Error ? cause.message : String(cause)}${hint}`));
  }
}
