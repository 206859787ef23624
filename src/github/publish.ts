import { code } from '../reporters/markdown/escape.ts';
import type { EndedRun } from '../reporters/run-record.ts';
import { itemsOf, numberOf, textOf } from './json-values.ts';
import { GitHubError, type GitHubApi } from './api.ts';
import { stickyComment, type Thread } from './comment.ts';
import { driftIssue } from './issue.ts';
import { hasChanges, isWorthReporting } from './outputs.ts';
import type { ActionOptions } from './options.ts';
import { withLink, type RenderedOutputs } from './render-outputs.ts';

export interface PublishOptions {
  readonly run: EndedRun;
  readonly told: RenderedOutputs;
  readonly api: GitHubApi | undefined;
  readonly options: ActionOptions;
  /** Where the lockfile stands that could not be recorded. */
  readonly savedAt: string | undefined;
}

/** Annotations, summary, comment and issue. What GitHub refuses here is a warning: it never turns a step red. */
export async function publish({ run, told, api, options, savedAt }: PublishOptions): Promise<void> {
  const { inputs, event, tell } = options;
  const { print, summarise, output } = tell;
  if (inputs.annotations) print(told.annotations());
  const recover = savedAt === undefined ? '' : `\n${recovery(savedAt)}`;
  if (inputs.summary) summarise(withLink(`${told.summary()}${recover}`, event.runUrl));

  const wantsIssue = inputs.driftIssue && run.command === 'drift';
  if (api === undefined) {
    const missed = [
      ...(inputs.comment === 'never' || event.pullRequest === undefined ? [] : ['comment']),
      ...(wantsIssue ? ['issue'] : []),
    ];
    if (missed.length > 0) tell.notice(`github-token is empty, so there is no ${missed.join(' and no ')}.`);
    output('comment-url', '');
    return;
  }
  const url = await quietly(options, 'comment', () =>
    comment(api, { run, options, text: withLink(`${told.comment()}${recover}`, event.runUrl) }),
  );
  output('comment-url', url ?? '');
  if (wantsIssue && run.driftSummary !== undefined)
    await quietly(options, 'issue', () => issue(api, { run, options, text: withLink(told.comment(), event.runUrl) }));
}

interface Publishing {
  readonly run: EndedRun;
  readonly options: ActionOptions;
  readonly text: string;
}

async function comment(api: GitHubApi, { run, options, text }: Publishing): Promise<string | undefined> {
  const { inputs, event, redact } = options;
  if (inputs.comment === 'never' || run.command === 'drift') return undefined;
  const number = event.pullRequest ?? (run.command === 'apply' ? await mergedPullRequest(api, options) : undefined);
  if (number === undefined) return undefined;
  const thread: Thread = { owner: event.owner, repo: event.repo, number };
  const create = inputs.comment === 'always' || isWorthReporting(run);
  return stickyComment({ api, thread, commentId: redact(inputs.commentId), text: redact(text), create });
}

/** The pull request whose merge this push is. */
async function mergedPullRequest(api: GitHubApi, { event }: ActionOptions): Promise<number | undefined> {
  const { owner, repo, sha } = event;
  const pulls = await api.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', {
    owner,
    repo,
    commit_sha: sha,
  });
  const merged = itemsOf(pulls).filter((pull) => textOf(pull, 'merged_at') !== undefined);
  return numberOf(merged.find((pull) => textOf(pull, 'merge_commit_sha') === sha) ?? merged[0], 'number');
}

async function issue(api: GitHubApi, { run, options, text }: Publishing): Promise<string | undefined> {
  const { inputs, event, redact } = options;
  return driftIssue({
    api,
    owner: event.owner,
    repo: event.repo,
    commentId: redact(inputs.commentId),
    title: `connsync: connections were changed outside Git (${run.target.site})`,
    text: hasChanges(run) ? redact(text) : undefined,
  });
}

async function quietly<T>(options: ActionOptions, what: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof GitHubError)) throw cause;
    const why =
      cause.status === 403 ? 'this token may not write it (forks and Dependabot have none that may)' : cause.message;
    options.tell.warn(`The ${what} could not be written: ${why}. The summary has it all.`);
    return undefined;
  }
}

function recovery(path: string): string {
  return `
**The lockfile could not be recorded.** What was done in Datadog stays done. The lockfile as it should be stands in the runner's file ${code(path)}, which goes with the job: upload it as an artifact and commit it, or simply run the workflow again. It adopts what is live and equal, and does nothing twice.
`;
}
