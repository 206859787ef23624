import { code } from '../reporters/markdown/escape.ts';
import type { EndedRun } from '../reporters/run-record.ts';
import { itemsOf, numberOf, textAt } from './json-values.ts';
import { GitHubError, type GitHubApi } from './api.ts';
import { stickyComment, type Thread } from './comment.ts';
import { driftIssue } from './issue.ts';
import { hasChanges, isWorthReporting } from './outputs.ts';
import type { ActionOptions } from './options.ts';
import { withLink, type RenderedOutputs } from './render-outputs.ts';

export interface PublishOptions {
  readonly run: EndedRun;
  readonly rendered: RenderedOutputs;
  readonly api: GitHubApi | undefined;
  readonly options: ActionOptions;
  /** Path of the saved copy, if the lockfile could not be recorded. */
  readonly savedAt: string | undefined;
}

/**
 * Publishes annotations, summary, comment and issue. If GitHub refuses one of them, connsync only prints a warning, and
 * the step does not fail.
 */
export async function publish({ run, rendered, api, options, savedAt }: PublishOptions): Promise<void> {
  const { inputs, event, reporting } = options;
  const { print, summarise, output } = reporting;
  if (inputs.annotations) print(rendered.annotations());
  const recover = savedAt === undefined ? '' : `\n${recovery(savedAt)}`;
  if (inputs.summary) summarise(withLink(`${rendered.summary()}${recover}`, event.runUrl));

  const wantsIssue = inputs.driftIssue && run.command === 'drift';
  if (api === undefined) {
    const missed = [
      ...(inputs.comment === 'never' || event.pullRequest === undefined ? [] : ['comment']),
      ...(wantsIssue ? ['issue'] : []),
    ];
    if (missed.length > 0) reporting.notice(`github-token is empty, so connsync writes no ${missed.join(' and no ')}.`);
    output('comment-url', '');
    return;
  }
  const url = await quietly(options, 'comment', () =>
    comment(api, { run, options, text: withLink(`${rendered.comment()}${recover}`, event.runUrl) }),
  );
  output('comment-url', url ?? '');
  if (wantsIssue && run.driftSummary !== undefined)
    await quietly(options, 'issue', () =>
      issue(api, { run, options, text: withLink(rendered.comment(), event.runUrl) }),
    );
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

/** Returns the pull request whose merge caused this push. */
async function mergedPullRequest(api: GitHubApi, { event }: ActionOptions): Promise<number | undefined> {
  const { owner, repo, sha } = event;
  const pulls = await api.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', {
    owner,
    repo,
    commit_sha: sha,
  });
  const merged = itemsOf(pulls).filter((pull) => textAt(pull, 'merged_at') !== undefined);
  return numberOf(merged.find((pull) => textAt(pull, 'merge_commit_sha') === sha) ?? merged[0], 'number');
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
      cause.status === 403
        ? 'this token has no permission to write it (runs for forks and Dependabot get a read-only token)'
        : cause.message;
    options.reporting.warn(`connsync could not write the ${what}: ${why}. The summary contains the full result.`);
    return undefined;
  }
}

function recovery(path: string): string {
  return `
**The lockfile could not be recorded.** The changes in Datadog are applied. The lockfile with these changes is in the runner's file ${code(path)}, which is deleted with the job: upload it as an artifact and commit it, or run the workflow again. It adopts live connections that equal their manifests, and repeats nothing.
`;
}
