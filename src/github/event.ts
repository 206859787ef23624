import { valueAt, numberOf, textAt } from './json-values.ts';

/** The event that started this run, from its payload and the runner's variables. */
export interface ActionEvent {
  /** Name of the event, such as `pull_request`, `push` or `schedule`. */
  readonly name: string;
  readonly owner: string;
  readonly repo: string;
  readonly sha: string;
  /** The branch of the event. Undefined for a tag, and for a pull request, whose merge commit is on no branch. */
  readonly branch: string | undefined;
  readonly pullRequest: number | undefined;
  /**
   * Whether the run can have secrets. GitHub passes none to runs for forks and Dependabot, so missing keys are not a
   * mistake there.
   */
  readonly canHaveSecrets: boolean;
  /** URL of this run. */
  readonly runUrl: string;
}

export function eventOf(payload: unknown, env: Readonly<Record<string, string | undefined>>): ActionEvent {
  const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/');
  const ref = env['GITHUB_REF'] ?? '';
  const pull = valueAt(payload, 'pull_request');
  const server = env['GITHUB_SERVER_URL'] ?? 'https://github.com';
  return {
    name: env['GITHUB_EVENT_NAME'] ?? '',
    owner,
    repo,
    sha: env['GITHUB_SHA'] ?? '',
    branch: ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined,
    pullRequest: numberOf(pull, 'number'),
    canHaveSecrets: !isFromFork(pull) && !isDependabot(pull, env),
    runUrl: `${server}/${owner}/${repo}/actions/runs/${env['GITHUB_RUN_ID'] ?? ''}`,
  };
}

/**
 * Returns whether a pull request comes from a fork. If the fork was deleted since then, the payload has no repository,
 * but the pull request still counts as one from a fork.
 */
function isFromFork(pull: unknown): boolean {
  if (pull === undefined) return false;
  const from = textAt(pull, 'head', 'repo', 'full_name');
  return from === undefined || from !== textAt(pull, 'base', 'repo', 'full_name');
}

function isDependabot(pull: unknown, env: Readonly<Record<string, string | undefined>>): boolean {
  return env['GITHUB_ACTOR'] === DEPENDABOT || textAt(pull, 'user', 'login') === DEPENDABOT;
}

const DEPENDABOT = 'dependabot[bot]';
