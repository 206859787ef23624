import { numberOf, textAt } from './json-values.ts';
import { GitHubError, type GitHubApi } from './api.ts';

/** The target of a comment: an issue or a pull request. */
export interface Thread {
  readonly owner: string;
  readonly repo: string;
  readonly number: number;
}

/** Returns the hidden first line that identifies connsync's comment. */
export function markerOf(commentId: string): string {
  return `<!-- connsync: ${commentId} -->`;
}

export interface StickyOptions {
  readonly api: GitHubApi;
  readonly thread: Thread;
  readonly commentId: string;
  /** The text without the marker. */
  readonly text: string;
  /** Whether to create the comment if it does not exist. An existing one is always updated. */
  readonly create: boolean;
}

/**
 * Creates or updates connsync's comment in a thread. Finds the comment by marker and author, so that a copy of the
 * marker in another person's comment changes nothing. Returns the comment's URL, or undefined if there is no comment.
 * Throws a GitHubError.
 */
export async function stickyComment({
  api,
  thread,
  commentId,
  text,
  create,
}: StickyOptions): Promise<string | undefined> {
  const { owner, repo, number } = thread;
  const marker = markerOf(commentId);
  const body = `${marker}\n${text}`;
  const id = await ownComment(api, thread, marker);
  if (id !== undefined)
    return htmlUrlOf(
      await api.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        owner,
        repo,
        comment_id: id,
        body,
      }),
    );
  if (!create) return undefined;
  return htmlUrlOf(
    await api.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      owner,
      repo,
      issue_number: number,
      body,
    }),
  );
}

async function ownComment(
  api: GitHubApi,
  { owner, repo, number }: Thread,
  marker: string,
): Promise<number | undefined> {
  const isOurs = await authorCheck(api);
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
  for await (const page of api.pages(route, { owner, repo, issue_number: number })) {
    const found = page
      .map(readPost)
      .find((post) => post !== undefined && post.body.startsWith(`${marker}\n`) && isOurs(post));
    if (found !== undefined) return found.id;
  }
  return undefined;
}

/** The members of a comment or issue that identify its author and text. */
export interface Post {
  readonly id: number;
  readonly body: string;
  readonly login: string;
  readonly isBot: boolean;
}

export function readPost(value: unknown): Post | undefined {
  const [id, body] = [numberOf(value, 'id'), textAt(value, 'body')];
  if (id === undefined || body === undefined) return undefined;
  return { id, body, login: textAt(value, 'user', 'login') ?? '', isBot: textAt(value, 'user', 'type') === 'Bot' };
}

/**
 * Returns a function that checks whether the token's user wrote a post. A workflow's token can't look up its user,
 * because it belongs to an app. The function then accepts the posts of any bot, which no person or fork can imitate.
 */
export async function authorCheck(api: GitHubApi): Promise<(post: Pick<Post, 'login' | 'isBot'>) => boolean> {
  try {
    const login = textAt(await api.request('GET /user'), 'login');
    return (post) => post.login === login;
  } catch (cause) {
    if (cause instanceof GitHubError && (cause.status === 403 || cause.status === 404)) return ({ isBot }) => isBot;
    throw cause;
  }
}

/** Returns the URL of a comment or an issue. */
export function htmlUrlOf(value: unknown): string | undefined {
  return textAt(value, 'html_url');
}
