import { seeded, type Random } from '../hostile/random.ts';
import { grepFor, type Found } from './rig/grep-for.ts';
import { dependabotPullRequest, forkPullRequest, pullRequest, push, schedule } from './rig/runner/events.ts';
import type { ActionEnded } from './rig/runner/run-action.ts';
import { KEYS, TOKEN, type Stage } from './stage.ts';

/** The executed steps, for debugging a finding. */
export interface FailingAction {
  readonly seed: number;
  readonly inputs: Readonly<Record<string, string>>;
  readonly fault: string;
  readonly exitCode: number | null;
  readonly found: readonly Found[];
}

export const SECRETS = { token: TOKEN, ...KEYS };

/** Runs the built action and its post step once with random inputs, events and faults that echo the secrets. */
export async function failingAction(stage: Stage, seed: number, workspace: string): Promise<FailingAction> {
  const random = seeded(seed);
  const inputs = inputsOf(random);
  const fault = random.pick(FAULTS);
  fault.make(stage, random);
  const run = { workspace, event: eventOf(random, await stage.tip()) };
  using ended = await stage.run(inputs, run);
  // A run knows only its own secrets, whatever other secrets a server has seen.
  const secrets = 'github-token' in inputs ? KEYS : SECRETS;
  const found = [...grepFor(secrets, streamsOf(ended), ended.temporary, workspace)];
  if (Object.keys(ended.state).length > 0) {
    using post = await stage.post(ended, run);
    found.push(...grepFor(secrets, streamsOf(post), post.temporary));
  }
  stage.github.api.forgetScript();
  return { seed, inputs, fault: fault.name, exitCode: ended.exitCode, found };
}

/** Returns all output of a run, except the lines that tell the runner what to mask. */
function streamsOf({ stdout, stderr, outputs, state, summary }: ActionEnded): Readonly<Record<string, string>> {
  const log = stdout.replace(/^::add-mask::.*$/gm, '');
  return { stdout: log, stderr, outputs: JSON.stringify(outputs), state: JSON.stringify(state), summary };
}

/** Returns a valid command, often with a secret in some form in the wrong input. */
function inputsOf(random: Random): Readonly<Record<string, string>> {
  const command = random.pick(['plan', 'apply', 'apply', 'apply', 'drift', 'validate']);
  const misplaced = random.pick([
    'command',
    'site',
    'lockfile',
    'connections-path',
    'working-directory',
    'checksum',
    'plan-path',
    'commit-branch',
    'commit-message',
    'comment-id',
    'max-deletes',
    'api-url',
  ]);
  const tokens = ['ghs_nobodys0000000000000000000000000000', '', 'x'];
  return {
    command,
    commit: random.pick(['auto', 'api', 'git', 'none']),
    prune: random.pick(['', 'true']),
    comment: random.pick(['always', 'changes-only']),
    'drift-issue': 'true',
    ...(random.chance(0.2) ? { 'github-token': random.pick(tokens) } : {}),
    ...(random.chance(0.2) ? { 'bearer-token': 'ddpat_0123456789abcdef0123456789abcdef' } : {}),
    ...(random.chance(0.3) ? { [misplaced]: saying(random) } : {}),
  };
}

/** Returns a secret in one of the forms in which a server, a proxy or an error message may echo it. */
function saying(random: Random): string {
  const secret = random.pick(Object.values(SECRETS));
  const basic = Buffer.from(`x-access-token:${secret}`).toString('base64');
  return random.pick([
    secret,
    basic,
    `AUTHORIZATION: basic ${basic}`,
    Buffer.from(secret).toString('base64'),
    Buffer.from(`a:${secret}`).toString('base64url'),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('hex'),
  ]);
}

function eventOf(random: Random, sha: string): ReturnType<typeof push> {
  return random.pick([push(sha), push(sha), schedule(sha), pullRequest(), forkPullRequest(), dependabotPullRequest()]);
}

interface Fault {
  readonly name: string;
  readonly make: (stage: Stage, random: Random) => void;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'GitHub refuses every request',
    make: ({ github }, random) => {
      const body = { message: `Bad credentials: ${saying(random)}`, errors: [{ message: saying(random) }] };
      github.api.failNext({}, { status: random.pick([400, 401, 403, 404, 422]), body }, 100);
    },
  },
  {
    name: 'GitHub refuses the commit',
    make: ({ github }, random) => {
      const errors = [{ type: random.pick(['FORBIDDEN', 'UNPROCESSABLE']), message: saying(random) }];
      github.api.failNext({ field: 'createCommitOnBranch' }, { status: 200, body: { data: null, errors } }, 100);
    },
  },
  {
    name: 'GitHub refuses comments and issues',
    make: ({ github }, random) => {
      const body = `<html>${saying(random)}</html>`;
      github.api.failNext({ path: /comments|issues|pulls/ }, { status: random.pick([403, 410, 422]), body }, 100);
    },
  },
  {
    name: 'Datadog refuses and echoes the request',
    make: ({ datadog }, random) => {
      const body = { errors: [`invalid ${saying(random)}`, saying(random)] };
      datadog.answerNext({ status: random.pick([400, 401, 403, 404]), body, times: 20 });
    },
  },
  {
    name: 'Datadog answers with an HTML page',
    make: ({ datadog }, random) => {
      datadog.answerNext({ status: random.pick([200, 403]), body: `<html>${saying(random)}</html>`, times: 20 });
    },
  },
  {
    name: 'Datadog refuses the writes',
    make: ({ datadog }, random) => {
      const body = { errors: [{ title: 'Bad Request', detail: saying(random) }] };
      datadog.answerNext({ method: 'POST', status: 400, body, times: 20 });
    },
  },
];
