import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gitHubApi } from './api.ts';
import { readCheckout } from './checkout.ts';
import { runCommand } from './command.ts';
import { gitIn } from './git.ts';
import type { ActionOptions } from './options.ts';
import { hasChanges, outputsOf, recordingOutputs } from './outputs.ts';
import { publish } from './publish.ts';
import { stopCommands } from './stop-commands.ts';
import { openOutputRenderer } from './render-outputs.ts';

/** Runs the command that the inputs select, and reports the result to GitHub. Returns false if the step fails. */
export async function runAction(options: ActionOptions): Promise<boolean> {
  const { inputs, event, runner, redact, reporting } = options;
  const { workspace, serverUrl, environment } = runner;
  const cwd = resolve(workspace, inputs.workingDirectory);
  const remote = `${serverUrl}/${event.owner}/${event.repo}`;
  const git = gitIn({ cwd, remote, token: inputs.token, environment, redact });
  const api = inputs.token === undefined ? undefined : gitHubApi(inputs.token, { apiUrl: runner.apiUrl, redact });
  const checkout = await readCheckout({ git, cwd, workspace, sha: event.sha });
  const files = filesIn(runner.temporary);
  const rendered = openOutputRenderer(checkout.prefix);

  const { exitCode, recorded, isOfflineByEvent } = await stopCommands(reporting.print, (print) =>
    runCommand({
      options,
      runtime: { ...options.runtime(cwd, print), extraReporters: rendered.reporters },
      checkout,
      api,
      git,
      planFile: files.plan,
    }),
  );
  if (isOfflineByEvent)
    reporting.notice(
      'This event has no access to secrets, so the plan is offline: it compares with the lockfile, not with Datadog.',
    );

  const run = rendered.run();
  writeFileSync(files.markdown, redact(rendered.comment()));
  const hasPlan = inputs.command === 'plan' && typeof run.planned?.checksum === 'string';
  const outputs = {
    ...outputsOf(run, { plan: hasPlan ? files.plan : '', markdown: files.markdown }),
    ...recordingOutputs(recorded),
  };
  for (const [name, value] of Object.entries(outputs)) reporting.output(name, value);
  await publish({ run, rendered, api, options, savedAt: recorded.savedAt });
  return exitCode === 0 && !(inputs.failOnChanges && inputs.command !== 'apply' && hasChanges(run));
}

function filesIn(temporary: string): { readonly plan: string; readonly markdown: string } {
  const folder = join(temporary, 'connsync', randomUUID());
  mkdirSync(folder, { recursive: true });
  return { plan: join(folder, 'plan.json'), markdown: join(folder, 'plan.md') };
}
