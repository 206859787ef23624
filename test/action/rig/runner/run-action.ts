import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reaped } from '../../../rig/children.ts';
import { inputVariables, readActionFile, type ActionFile } from './action-inputs.ts';
import { REPOSITORY, type WorkflowEvent } from './events.ts';
import { runInProcess } from './in-process.ts';
import { readRunnerFile } from './runner-files.ts';
import { readCommands, type WorkflowCommand } from './workflow-commands.ts';

const ROOT = join(import.meta.dirname, '../../../..');

export interface ActionRun {
  readonly event: WorkflowEvent;
  /** GITHUB_WORKSPACE. */
  readonly workspace: string;
  /** The addresses for GITHUB_API_URL, GITHUB_GRAPHQL_URL and GITHUB_SERVER_URL. */
  readonly github: {
    readonly url: string;
    readonly graphqlUrl: string;
    readonly remote: { readonly serverUrl: string };
  };
  /** `${{ github.token }}`. */
  readonly token: string;
  /** The inputs under `with`. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** The variables under `env`. */
  readonly env?: Readonly<Record<string, string>>;
  /** The state that the main step left for `post`. */
  readonly state?: Readonly<Record<string, string>>;
  /** RUNNER_TEMP, if a test needs the same folder for `post` or a later step. A new one by default. */
  readonly temporary?: string;
  /** The program, where it is not the built one: runs in a process of its own. */
  readonly program?: string;
  /** Runs the built Action in a process of its own. `npm run test:long` runs every step this way. */
  readonly process?: 'own';
  /** The text of the action.yml, if it is not the one in the root. */
  readonly actionFile?: string;
  /** Called as soon as it runs in a process of its own: to send it a signal, or to wait for what it prints. */
  readonly started?: (child: ChildProcess) => void;
}

export interface ActionEnded extends Disposable {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** Passed to `post`. */
  readonly state: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly commands: readonly WorkflowCommand[];
  /** The values that the process masked with `::add-mask::`. */
  readonly masks: readonly string[];
  /** RUNNER_TEMP. It is removed on disposal unless it was given. */
  readonly temporary: string;
}

/**
 * Runs the Action, or what it does at the end of the job, as a runner does: with a runner's environment. That is in this process, unless
 * the test needs one of its own.
 */
export async function runAction(entry: 'action' | 'post', options: ActionRun): Promise<ActionEnded> {
  const temporary = options.temporary ?? mkdtempSync(join(tmpdir(), 'connsync-runner-'));
  const forget = (): void => {
    if (options.temporary === undefined) rmSync(temporary, { recursive: true, force: true });
  };
  try {
    const files = makeFiles(temporary, options.event);
    const action = readActionFile(options.actionFile ?? rootActionFile());
    const env = environment(options, action, temporary, files);
    const ended = needsProcess(options)
      ? await runProgram(entry, options, env)
      : await runInProcess(entry, { cwd: options.workspace, env });
    return { ...ended, ...left(files), ...parseOutput(ended.stdout), temporary, [Symbol.dispose]: forget };
  } catch (error) {
    forget();
    throw error;
  }
}

type Ended = Pick<ActionEnded, 'exitCode' | 'signal' | 'stdout' | 'stderr'>;

function needsProcess({ program, started, process: wanted }: ActionRun): boolean {
  return program !== undefined || started !== undefined || wanted === 'own' || process.env['CONNSYNC_PROCESS'] === '1';
}

async function runProgram(
  entry: 'action' | 'post',
  options: ActionRun,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = reaped(
    spawn(process.execPath, [options.program ?? join(ROOT, `dist/${entry}.js`)], {
      cwd: options.workspace,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text) => void (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => void (stderr += text));
  options.started?.(child);
  const [exitCode, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  return { exitCode, signal, stdout, stderr };
}

function left(files: RunnerFiles): Pick<ActionEnded, 'outputs' | 'summary' | 'state' | 'env'> {
  const values = (file: string): Readonly<Record<string, string>> => readRunnerFile(readFileSync(file, 'utf8'));
  return {
    outputs: values(files.GITHUB_OUTPUT),
    summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
    state: values(files.GITHUB_STATE),
    env: values(files.GITHUB_ENV),
  };
}

function parseOutput(stdout: string): Pick<ActionEnded, 'commands' | 'masks'> {
  const commands = readCommands(stdout);
  return { commands, masks: commands.filter(({ command }) => command === 'add-mask').map(({ message }) => message) };
}

const FILES = ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY', 'GITHUB_STATE', 'GITHUB_ENV', 'GITHUB_PATH'] as const;

type RunnerFiles = Readonly<Record<(typeof FILES)[number] | 'GITHUB_EVENT_PATH', string>>;

/** The runner creates these files, empty and new for each step, before it starts anything. */
function makeFiles(temporary: string, event: WorkflowEvent): RunnerFiles {
  const folder = mkdtempSync(join(temporary, '_runner_file_commands-'));
  for (const name of ['home', '_github_workflow']) mkdirSync(join(temporary, name), { recursive: true });
  const payload = join(temporary, '_github_workflow/event.json');
  writeFileSync(payload, JSON.stringify(event.payload));
  const made = Object.fromEntries(FILES.map((name) => [name, join(folder, name.toLowerCase())]));
  for (const file of Object.values(made)) writeFileSync(file, '');
  return { ...(made as Record<(typeof FILES)[number], string>), GITHUB_EVENT_PATH: payload };
}

function environment(
  { event, workspace, github, token, inputs = {}, env = {}, state = {} }: ActionRun,
  action: ActionFile,
  temporary: string,
  files: Readonly<Record<string, string>>,
): Record<string, string> {
  const branch = event.ref.replace(/^refs\/(heads|tags|pull)\//, '');
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: join(temporary, 'home'),
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__acme_connsync',
    GITHUB_ACTOR: event.actor,
    GITHUB_TRIGGERING_ACTOR: event.actor,
    GITHUB_API_URL: github.url,
    GITHUB_GRAPHQL_URL: github.graphqlUrl,
    GITHUB_SERVER_URL: github.remote.serverUrl,
    GITHUB_BASE_REF: event.baseRef ?? '',
    GITHUB_HEAD_REF: event.headRef ?? '',
    GITHUB_EVENT_NAME: event.name,
    GITHUB_JOB: 'connsync',
    GITHUB_REF: event.ref,
    GITHUB_REF_NAME: branch,
    GITHUB_REF_TYPE: 'branch',
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_REPOSITORY_ID: '1',
    GITHUB_REPOSITORY_OWNER: REPOSITORY.split('/')[0] ?? '',
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_RUN_ATTEMPT: String(event.attempt),
    GITHUB_RUN_ID: '123456789',
    GITHUB_RUN_NUMBER: '42',
    GITHUB_SHA: event.sha,
    GITHUB_WORKFLOW: 'connsync',
    GITHUB_WORKFLOW_REF: `${REPOSITORY}/.github/workflows/connsync.yml@${event.ref}`,
    GITHUB_WORKSPACE: workspace,
    RUNNER_ARCH: 'X64',
    RUNNER_ENVIRONMENT: 'github-hosted',
    RUNNER_NAME: 'GitHub Actions 1',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: temporary,
    RUNNER_TOOL_CACHE: '/opt/hostedtoolcache',
    ...files,
    ...inputVariables(action, inputs, token),
    ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
    ...env,
  };
}

function rootActionFile(): string {
  const file = join(ROOT, 'action.yml');
  if (!existsSync(file)) throw new Error('there is no action.yml in the root, and none was given');
  return readFileSync(file, 'utf8');
}
