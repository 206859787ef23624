import type { ActionFile } from '../rig/runner/action-inputs.ts';
import type { Finding } from './sources.ts';
import type { Job, Step, Workflow } from './workflow.ts';

/** Mistakes that a workflow of this repository, or one that it gives to users, must not contain. */
export type Trap = (workflow: Workflow) => readonly Finding[];

/** A tag can be moved to other code, a commit cannot. The comment names the version. */
export const pinnedUses: Trap = (workflow) => [
  ...eachStep(workflow, ({ uses, usesComment }) => {
    if (uses === undefined || uses.startsWith('./')) return [];
    if (!/@[0-9a-f]{40}$/.test(uses)) return [`${uses} is not pinned to a commit`];
    return /^v?\d+(\.\d+)*\S*$/.test(usesComment ?? '') ? [] : [`${uses} has no comment with its version`];
  }),
  ...eachJob(workflow, ({ uses }) =>
    uses === undefined || uses.startsWith('./') || /@[0-9a-f]{40}$/.test(uses) ? [] : [`${uses} is not pinned`],
  ),
];

/** Each job must declare its own permissions, so that no other job gets them. */
export const leastPermissions: Trap = (workflow) => [
  ...(readsAtMost(workflow.permissions)
    ? []
    : [{ file: workflow.file, line: workflow.line, message: 'permissions at the top have to be {} or only read' }]),
  ...eachJob(workflow, ({ permissions }) => {
    if (permissions === undefined) return ['has no permissions of its own'];
    return typeof permissions === 'object' ? [] : [`permissions are ${JSON.stringify(permissions)}`];
  }),
];

/** Otherwise every later step can read the token in .git/config. */
export const noPersistedCredentials: Trap = (workflow) =>
  eachStep(workflow, ({ uses, with: given }) =>
    uses?.startsWith('actions/checkout@') && String(given['persist-credentials']) !== 'false'
      ? ['the checkout leaves its token behind: persist-credentials has to be false']
      : [],
  );

/** Without a timeout, a job that hangs is billed for six hours. */
export const timeouts: Trap = (workflow) =>
  eachJob(workflow, ({ uses, timeoutMinutes }) =>
    uses === undefined && timeoutMinutes === undefined ? ['has no timeout-minutes'] : [],
  );

/** This trigger exposes the secrets of the repository to code from a fork. */
export const noPullRequestTarget: Trap = ({ events, file, line }) =>
  events.includes('pull_request_target') ? [{ file, line, message: 'pull_request_target is never needed here' }] : [];

/** Runs must wait for each other or replace each other, and a run that applies must never be cancelled. */
export const concurrency: Trap = (workflow) => {
  const { file } = workflow;
  const lacking = eachJob(workflow, (job) =>
    groupOf(job.concurrency ?? workflow.concurrency) === undefined ? ['has no concurrency group'] : [],
  );
  const cut = workflow.jobs
    .filter((job) => applies(job))
    .filter((job) => [workflow.concurrency, job.concurrency].some(mayCancel))
    .map((job): Finding => ({ file, line: job.line, message: `job ${job.id} applies, and may be cancelled half way` }));
  return [...lacking, ...cut];
};

/** An expression inside a script is executed as code, so the value has to come from an environment variable. */
export const noUntrustedScripts: Trap = (workflow) =>
  eachStep(workflow, ({ run, uses, with: given }) => {
    const script = run ?? (uses?.startsWith('actions/github-script@') ? String(given['script']) : '');
    const [expression] = /\$\{\{[^}]*\bgithub\s*(\.\s*(event\b|head_ref)|\[)[^}]*\}\}/.exec(script) ?? [];
    return expression === undefined ? [] : [`${expression} stands in a script`];
  });

export const TRAPS: Readonly<Record<string, Trap>> = {
  pinnedUses,
  leastPermissions,
  noPersistedCredentials,
  timeouts,
  noPullRequestTarget,
  concurrency,
  noUntrustedScripts,
};

/** GitHub only warns about a misspelled input and uses its default instead. */
export function declaredInputs({ inputs }: ActionFile): Trap {
  return (workflow) =>
    eachStep(workflow, (step) =>
      isOurs(step)
        ? Object.keys(step.with)
            .filter((name) => !inputs.includes(name))
            .map((name) => `connsync has no input ${name}`)
        : [],
    );
}

export function isOurs({ uses }: Step): boolean {
  return uses === './' || /\/connsync@/.test(uses ?? '');
}

function applies({ steps }: Job): boolean {
  return steps.some(
    (step) => (isOurs(step) && step.with['command'] === 'apply') || /\bconnsync(\.cjs)? apply\b/.test(step.run ?? ''),
  );
}

function groupOf(value: unknown): unknown {
  return typeof value === 'string' ? value : (Object(value) as Record<string, unknown>)['group'];
}

function mayCancel(value: unknown): boolean {
  const cancel = (Object(value) as Record<string, unknown>)['cancel-in-progress'];
  return cancel !== undefined && cancel !== false;
}

function readsAtMost(permissions: unknown): boolean {
  if (typeof permissions !== 'object' || permissions === null) return permissions === 'read-all';
  return Object.values(permissions).every((level) => level === 'read' || level === 'none');
}

function eachStep(workflow: Workflow, look: (step: Step) => readonly string[]): readonly Finding[] {
  const { file, jobs } = workflow;
  return jobs.flatMap(({ steps }) =>
    steps.flatMap((step) => look(step).map((message) => ({ file, line: step.line, message }))),
  );
}

function eachJob({ file, jobs }: Workflow, look: (job: Job) => readonly string[]): readonly Finding[] {
  return jobs.flatMap((job) =>
    look(job).map((message) => ({ file, line: job.line, message: `job ${job.id} ${message}` })),
  );
}
