import process from 'node:process';
import * as core from '@actions/core';
import { secretsIn } from './commands/secrets.ts';
import { Failure } from './core/diagnostic.ts';
import { redactor } from './core/redact.ts';
import { gitHubApi } from './github/api.ts';
import { gitIn } from './github/git.ts';
import { secretsOf } from './github/masks.ts';
import { recordWhatIsLeft, type Remembered } from './github/resume.ts';

// The post step: records what an apply did and could not record, because it was cancelled or killed before.
await main();

async function main(): Promise<void> {
  const { env } = process;
  const secrets = secretsOf((name) => core.getInput(name), secretsIn(env));
  for (const secret of secrets) core.setSecret(secret);
  const redact = redactor(secrets);
  const state = core.getState('recording');
  if (state === '') return;
  const remembered = JSON.parse(state) as Remembered;
  const token = core.getInput('github-token').trim();
  const apiUrl = env['GITHUB_API_URL'] ?? 'https://api.github.com';
  try {
    const commit = await recordWhatIsLeft(remembered, {
      api: token === '' ? undefined : gitHubApi(token, { apiUrl, redact }),
      git: gitIn({
        cwd: env['GITHUB_WORKSPACE'] ?? process.cwd(),
        remote: remembered.plan.remote,
        token: token === '' ? undefined : token,
        environment: env,
        redact,
      }),
      now: () => Date.now(),
      random: Math.random,
    });
    if (commit !== undefined) core.notice(`What the apply had done was recorded in ${commit}.`);
  } catch (cause) {
    const hint = cause instanceof Failure && cause.hint !== undefined ? `\n→ ${cause.hint}` : '';
    core.setFailed(redact(`${cause instanceof Error ? cause.message : String(cause)}${hint}`));
  }
}
