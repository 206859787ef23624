import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { apply } from '../commands/apply.ts';
import { drift } from '../commands/drift.ts';
import { findInputs } from '../commands/inputs.ts';
import { plan } from '../commands/plan.ts';
import { validate } from '../commands/validate.ts';
import type { World } from '../commands/world.ts';
import { Failure, type ExitCode } from '../core/diagnostic.ts';
import { readCredentials } from '../datadog/credentials.ts';
import { printable } from '../core/printable.ts';
import { gitHubApi, type GitHubApi } from './api.ts';
import type { ActionEvent } from './event.ts';
import { flagsFor, lookOf } from './flags.ts';
import { gitIn, type Git } from './git.ts';
import type { ActionInputs } from './inputs.ts';
import { hasChanges, outputsOf, recordingOutputs } from './outputs.ts';
import { publish } from './publish.ts';
import { rememberFor } from './resume.ts';
import { asidePath, openRecording, pathInRepository, type OpenedRecording, type RecordingPlan } from './stores.ts';
import { openTold, type Told } from './tell.ts';

export interface ActionOptions {
  readonly inputs: ActionInputs;
  readonly event: ActionEvent;
  /** The repository's root on disk. */
  readonly workspace: string;
  /** Outlives the step, not the job. */
  readonly temporary: string;
  readonly apiUrl: string;
  readonly serverUrl: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly world: (cwd: string, print: (text: string) => void) => World;
  readonly redact: (text: string) => string;
  /** Into the step's log. */
  readonly print: (text: string) => void;
  readonly notice: (text: string) => void;
  readonly warn: (text: string) => void;
  readonly output: (name: string, value: string) => void;
  /** For the post step. */
  readonly saveState: (value: string) => void;
  readonly summarise: (text: string) => void;
}

/** Runs a command as the inputs say, and tells GitHub what came of it. False where the step is red. */
export async function runAction(options: ActionOptions): Promise<boolean> {
  const { inputs, event, workspace, temporary, output, notice } = options;
  const { command } = inputs;
  const cwd = resolve(workspace, inputs.workingDirectory);
  const prefix = forward(relative(workspace, cwd));
  const told = openTold(prefix);
  const folder = join(temporary, 'connsync', randomUUID());
  mkdirSync(folder, { recursive: true });
  const planFile = join(folder, 'plan.json');
  const api = inputs.token === undefined ? undefined : gitHubApi(inputs.token, options);

  let opened: OpenedRecording | undefined;
  let recordingPlan: RecordingPlan | undefined;
  const exitCode = await withoutCommands(options.print, async (print) => {
    const world = { ...options.world(cwd, print), beside: told.reporters };
    try {
      const flags = flagsFor(inputs, planFile);
      if (command === 'validate') return await validate(flags, world);
      if (command === 'drift') return await drift(flags, world);
      if (command === 'plan') {
        const look = lookOf(inputs, event, { hasKeys: hasKeys(world) });
        if (look === 'offline-by-event')
          notice('This event can have no secrets, so the plan is offline: against the lockfile, not against Datadog.');
        return await plan({ ...flags, ...(look === 'live' ? { live: true } : { offline: true }) }, world);
      }
      recordingPlan = planRecording(options, { cwd, api });
      if (recordingPlan === undefined) return await apply(flags, world);
      opened = await openFresh(recordingPlan, { options, world, prefix, api });
      const { store } = opened;
      const remember = rememberFor(recordingPlan, findInputs(flags, world).folders.recorded, options.saveState);
      return await apply(flags, { ...world, beside: [...told.reporters, remember], openStore: () => store });
    } catch (cause) {
      if (!(cause instanceof Failure)) throw cause;
      return tellFailure(cause, { told, options, print });
    }
  });

  const run = told.run();
  if (run === undefined) return exitCode === 0;
  const markdown = join(folder, 'plan.md');
  writeFileSync(markdown, told.comment());
  const files = { plan: command === 'plan' && run.planned?.checksum != null ? planFile : undefined, markdown };
  for (const [name, value] of Object.entries(outputsOf(run, files))) output(name, value);
  const status = opened?.recording.status ?? 'skipped';
  for (const [name, value] of Object.entries(
    recordingOutputs(inputs.commit === 'none' ? 'skipped' : status, opened?.recording.commit),
  ))
    output(name, value);
  const leftAt = status === 'failed' && recordingPlan !== undefined ? asidePath(recordingPlan) : undefined;
  await publish({ run, told, api, options, leftAt });
  const isRed = exitCode !== 0 || (inputs.failOnChanges && command !== 'apply' && hasChanges(run));
  return !isRed;
}

/** Prints with workflow commands switched off: a line of a manifest or of Datadog is never one, whatever it begins with. */
async function withoutCommands<T>(
  print: (text: string) => void,
  work: (print: (text: string) => void) => Promise<T>,
): Promise<T> {
  const token = randomUUID();
  print(`::stop-commands::${token}\n`);
  let atStart = true;
  try {
    return await work((text) => {
      atStart = text.endsWith('\n');
      print(text);
    });
  } finally {
    print(`${atStart ? '' : '\n'}::${token}::\n`);
  }
}

function hasKeys({ env }: World): boolean {
  const { credentials, problem, only } = readCredentials(env);
  // One key of two, or a malformed one, is told by the command itself.
  return credentials !== undefined || problem !== undefined || only !== undefined;
}

interface Failing {
  readonly told: Told;
  readonly options: ActionOptions;
  readonly print: (text: string) => void;
}

/** A failure before the command began its run: told by the same reporters, as a run that ended there. */
function tellFailure(failure: Failure, { told, options, print }: Failing): ExitCode {
  const { inputs } = options;
  const { exitCode } = failure;
  print(`✗ ${printable(failure.message)}\n${failure.hint === undefined ? '' : `  → ${printable(failure.hint)}\n`}`);
  const target = { environment: 'default', site: inputs.site ?? 'datadoghq.com' };
  for (const { report } of told.reporters) {
    report({
      type: 'start',
      formatVersion: '1.0',
      version: '',
      command: inputs.command,
      target,
      compared: ['lockfile'],
    });
    report({ type: 'problem', problem: failure.toProblem() });
    report({ type: 'end', exitCode });
  }
  return exitCode;
}

interface Where {
  readonly cwd: string;
  readonly api: GitHubApi | undefined;
}

/** How this apply records; undefined where it doesn't and no branch is known, so that the checkout's own file is all there is. */
function planRecording(options: ActionOptions, { cwd, api }: Where): RecordingPlan | undefined {
  const { inputs, event, workspace, environment } = options;
  const branch = inputs.commitBranch ?? event.branch;
  if (branch === undefined) {
    if (inputs.commit === 'none') return undefined;
    throw new Failure(
      'conflicting-settings',
      `an apply on ${event.name} is about no branch, so there is none to record on`,
      {
        hint: 'name it with commit-branch, or use commit: none',
      },
    );
  }
  const { lockfile } = findInputs(flagsFor(inputs, ''), { cwd });
  const isGitHub = (environment['GITEA_ACTIONS'] ?? environment['FORGEJO_ACTIONS'] ?? '') === '';
  const wanted =
    inputs.commit === 'auto' || inputs.commit === 'none'
      ? isGitHub && api !== undefined
        ? 'api'
        : 'git'
      : inputs.commit;
  if (wanted === 'api' && api === undefined)
    throw new Failure('conflicting-settings', 'commit: api needs the input github-token, which is empty', {
      hint: 'leave github-token at its default, or use commit: git',
    });
  return {
    by: wanted,
    commits: inputs.commit !== 'none',
    owner: event.owner,
    repo: event.repo,
    branch,
    remote: `${options.serverUrl}/${event.owner}/${event.repo}`,
    path: pathInRepository(workspace, lockfile.path),
    file: lockfile.path,
    shown: lockfile.shown,
    message: inputs.commitMessage,
    runUrl: event.runUrl,
    scratch: options.temporary,
  };
}

interface Opening {
  readonly options: ActionOptions;
  readonly world: World;
  readonly prefix: string;
  readonly api: GitHubApi | undefined;
}

async function openFresh(plan: RecordingPlan, { options, world, prefix, api }: Opening): Promise<OpenedRecording> {
  const { inputs, event } = options;
  const git = gitFor(options);
  const { folders } = findInputs(flagsFor(inputs, ''), world);
  const inRepository = (path: string): string =>
    prefix === '' || prefix === '.' ? path : join(prefix, path).replaceAll(sep, '/');
  const paths = [
    ...folders.shown.filter((folder) => !isAbsolute(folder) && !folder.startsWith('..')),
    'connsync.yaml',
  ].map(inRepository);
  const checkout = await git(['rev-parse', '--verify', 'HEAD']).then(
    (sha) => sha.trim(),
    () => event.sha,
  );
  return openRecording(plan, { api, git, now: world.now, random: Math.random }, { checkout, paths });
}

function gitFor({ workspace, serverUrl, event, inputs, environment, redact }: ActionOptions): Git {
  return gitIn({
    cwd: workspace,
    remote: `${serverUrl}/${event.owner}/${event.repo}`,
    token: inputs.token,
    environment,
    redact,
  });
}

function forward(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
