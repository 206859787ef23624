import { valueAt, numberOf } from './json-values.ts';
import type { GitHubApi } from './api.ts';
import { authorCheck, markerOf, readPost, htmlUrlOf } from './comment.ts';

export interface DriftIssueOptions {
  readonly api: GitHubApi;
  readonly owner: string;
  readonly repo: string;
  readonly commentId: string;
  readonly title: string;
  /** The text without the marker, or undefined if there is no drift. */
  readonly text: string | undefined;
}

/**
 * Opens, updates or closes the one issue about drift. Returns its URL, or undefined if there is none. Throws a
 * GitHubError.
 */
export async function driftIssue({
  api,
  owner,
  repo,
  commentId,
  title,
  text,
}: DriftIssueOptions): Promise<string | undefined> {
  const marker = markerOf(`drift ${commentId}`);
  const number = await ownIssue(api, { owner, repo }, marker);
  if (text === undefined) {
    if (number === undefined) return undefined;
    return htmlUrlOf(
      await api.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
        owner,
        repo,
        issue_number: number,
        state: 'closed',
        state_reason: 'completed',
      }),
    );
  }
  const body = `${marker}\n${text}`;
  return htmlUrlOf(
    number === undefined
      ? await api.request('POST /repos/{owner}/{repo}/issues', { owner, repo, title, body })
      : await api.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
          owner,
          repo,
          issue_number: number,
          title,
          body,
        }),
  );
}

async function ownIssue(
  api: GitHubApi,
  { owner, repo }: { readonly owner: string; readonly repo: string },
  marker: string,
): Promise<number | undefined> {
  const isOurs = await authorCheck(api);
  for await (const page of api.pages('GET /repos/{owner}/{repo}/issues', { owner, repo, state: 'open' })) {
    for (const value of page) {
      const post = readPost(value);
      const number = numberOf(value, 'number');
      // GitHub's API returns pull requests as issues too.
      if (post === undefined || number === undefined || valueAt(value, 'pull_request') !== undefined) continue;
      if (post.body.startsWith(`${marker}\n`) && isOurs(post)) return number;
    }
  }
  return undefined;
}
