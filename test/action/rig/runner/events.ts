/** The variables and the payload with which GitHub describes the event of a job, in their real shape. */
export interface WorkflowEvent {
  /** GITHUB_EVENT_NAME. */
  readonly name: string;
  /** GITHUB_REF. */
  readonly ref: string;
  /** GITHUB_SHA. */
  readonly sha: string;
  /** Only for pull requests. */
  readonly headRef?: string;
  readonly baseRef?: string;
  /** GITHUB_ACTOR. */
  readonly actor: string;
  /** Starts at 1. A re-run has the event of the first attempt. */
  readonly attempt: number;
  readonly payload: unknown;
}

export const REPOSITORY = 'acme/data';

export interface PullOptions {
  readonly number?: number;
  /** The head commit of the pull request. */
  readonly head?: string;
  /** The merge commit that GITHUB_SHA names. */
  readonly sha?: string;
  readonly base?: string;
  readonly branch?: string;
  readonly title?: string;
}

/** A pull request from a branch of the repository itself. */
export function pullRequest(options: PullOptions = {}): WorkflowEvent {
  return pullFrom(repositoryJson(REPOSITORY), 'mona', options);
}

/** A pull request from a fork, which gets no secrets and a read-only token. */
export function forkPullRequest(options: PullOptions = {}): WorkflowEvent {
  return pullFrom({ ...repositoryJson('hubot/data'), fork: true }, 'hubot', options);
}

/** A pull request whose fork has been deleted. */
export function orphanedPullRequest(options: PullOptions = {}): WorkflowEvent {
  return pullFrom(null, 'hubot', options);
}

/** A pull request from Dependabot: from a branch of the repository, but without its secrets. */
export function dependabotPullRequest(options: PullOptions = {}): WorkflowEvent {
  return pullFrom(repositoryJson(REPOSITORY), 'dependabot[bot]', { branch: 'dependabot/npm_and_yarn/x-2', ...options });
}

export function mergeGroup(sha = SOME_SHA, base = OTHER_SHA): WorkflowEvent {
  const ref = `refs/heads/gh-readonly-queue/main/pr-7-${base}`;
  return {
    name: 'merge_group',
    ref,
    sha,
    actor: 'mona',
    attempt: 1,
    payload: {
      action: 'checks_requested',
      merge_group: {
        head_sha: sha,
        head_ref: ref,
        base_sha: base,
        base_ref: 'refs/heads/main',
        head_commit: commitJson(sha, 'Merge pull request #7 from acme/change'),
      },
      ...common('mona'),
    },
  };
}

/** A push to a branch. On the default branch this is a merge. */
export function push(sha: string, { before = OTHER_SHA, branch = 'main' } = {}): WorkflowEvent {
  const ref = `refs/heads/${branch}`;
  const head = commitJson(sha, 'Merge pull request #7 from acme/change');
  return {
    name: 'push',
    ref,
    sha,
    actor: 'mona',
    attempt: 1,
    payload: {
      ref,
      before,
      after: sha,
      base_ref: null,
      created: false,
      deleted: false,
      forced: false,
      compare: `https://github.com/${REPOSITORY}/compare/${before.slice(0, 12)}...${sha.slice(0, 12)}`,
      commits: [head],
      head_commit: head,
      pusher: { name: 'mona', email: 'mona@example.com' },
      ...common('mona'),
    },
  };
}

/** The same event, run again later. Its commit is the tip of the branch at the time of the event. */
export function rerun(event: WorkflowEvent, attempt = 2): WorkflowEvent {
  return { ...event, attempt };
}

export function workflowDispatch(sha: string, inputs: Readonly<Record<string, string>> | null = null): WorkflowEvent {
  const payload = { inputs, ref: 'refs/heads/main', workflow: '.github/workflows/connsync.yml', ...common('mona') };
  return { name: 'workflow_dispatch', ref: 'refs/heads/main', sha, actor: 'mona', attempt: 1, payload };
}

export function schedule(sha: string, cron = '17 5 * * *'): WorkflowEvent {
  const payload = { schedule: cron, workflow: '.github/workflows/drift.yml', ...common('mona') };
  return { name: 'schedule', ref: 'refs/heads/main', sha, actor: 'mona', attempt: 1, payload };
}

interface RepositoryJson {
  readonly [name: string]: unknown;
  readonly full_name: string;
}

const SOME_SHA = '1'.repeat(40);
const OTHER_SHA = '2'.repeat(40);

function pullFrom(headRepository: RepositoryJson | null, actor: string, options: PullOptions): WorkflowEvent {
  const { number = 7, head = OTHER_SHA, sha = SOME_SHA, base = '3'.repeat(40), branch = 'change' } = options;
  const repository = repositoryJson(REPOSITORY);
  const headOwner = headRepository?.full_name.split('/')[0] ?? 'unknown repository';
  const isFork = headRepository?.full_name !== REPOSITORY;
  return {
    name: 'pull_request',
    ref: `refs/pull/${number}/merge`,
    sha,
    headRef: branch,
    baseRef: 'main',
    actor,
    attempt: 1,
    payload: {
      action: 'synchronize',
      number,
      before: '4'.repeat(40),
      after: head,
      pull_request: {
        id: 7000 + number,
        number,
        state: 'open',
        title: options.title ?? 'Change a connection',
        body: null,
        draft: false,
        merged: false,
        merge_commit_sha: sha,
        author_association: isFork ? 'NONE' : 'MEMBER',
        html_url: `https://github.com/${REPOSITORY}/pull/${number}`,
        user: accountJson(actor),
        head: {
          label: `${headOwner}:${branch}`,
          ref: branch,
          sha: head,
          user: headRepository === null ? null : accountJson(headOwner),
          repo: headRepository,
        },
        base: { label: 'acme:main', ref: 'main', sha: base, user: accountJson('acme'), repo: repository },
      },
      ...common(actor),
    },
  };
}

function common(actor: string): Record<string, unknown> {
  return { repository: repositoryJson(REPOSITORY), organization: { login: 'acme', id: 3 }, sender: accountJson(actor) };
}

function repositoryJson(name: string): RepositoryJson {
  const [owner = '', short = ''] = name.split('/');
  return {
    id: name === REPOSITORY ? 1 : 2,
    name: short,
    full_name: name,
    private: false,
    fork: false,
    owner: accountJson(owner),
    html_url: `https://github.com/${name}`,
    default_branch: 'main',
  };
}

function accountJson(login: string): Record<string, unknown> {
  const bot = login.endsWith('[bot]');
  return { login, id: bot ? 49_699_333 : 1, type: bot ? 'Bot' : login === 'acme' ? 'Organization' : 'User' };
}

function commitJson(sha: string, message: string): Record<string, unknown> {
  const mona = { name: 'Mona', email: 'mona@example.com', username: 'mona' };
  return {
    id: sha,
    tree_id: '5'.repeat(40),
    message,
    timestamp: '2026-10-01T12:00:00Z',
    author: mona,
    committer: { name: 'GitHub', email: 'noreply@github.com', username: 'web-flow' },
    added: [],
    removed: [],
    modified: ['connections/users/billing.yaml'],
  };
}
