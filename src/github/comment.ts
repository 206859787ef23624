import { numberOf, textOf } from './json-values.ts';
import { GitHubError, type GitHubApi } from './api.ts';

/** Where a comment goes: an issue or a pull request of a repository. */
export interface Thread {
  readonly owner: string;
  readonly repo: string;
  readonly number: number;
}

/** The hidden first line by which a comment of ours is found again. */
export function markerOf(commentId: string): string {
  return `<!-- connsync: ${commentId} -->`;
}

export interface StickyOptions {
  readonly api: GitHubApi;
  readonly thread: Thread;
  readonly commentId: string;
  /** Without the marker. */
  readonly text: string;
  /** Whether a comment is made where there is none yet; one that is there is always brought up to date. */
  readonly create: boolean;
}

/**
 * The one comment of a thread that is kept up to date, found by marker and author over all pages: whoever writes the marker into a
 * comment of their own gets no comment of ours changed. Gives its address, or undefined where there is none. Throws a GitHubError.
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
    return urlOf(
      await api.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
        owner,
        repo,
        comment_id: id,
        body,
      }),
    );
  if (!create) return undefined;
  return urlOf(
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

/** A comment or an issue, as far as it matters who wrote it and what. */
export interface Post {
  readonly id: number;
  readonly body: string;
  readonly login: string;
  readonly isBot: boolean;
}

export function readPost(value: unknown): Post | undefined {
  const [id, body] = [numberOf(value, 'id'), textOf(value, 'body')];
  if (id === undefined || body === undefined) return undefined;
  return { id, body, login: textOf(value, 'user', 'login') ?? '', isBot: textOf(value, 'user', 'type') === 'Bot' };
}

/**
 * Whether a post is of whoever this token belongs to. The token of a workflow may not ask who it is; then it is an app's, and its
 * posts are a bot's, which no person and no fork can pretend to be.
 */
export async function authorCheck(api: GitHubApi): Promise<(post: Pick<Post, 'login' | 'isBot'>) => boolean> {
  try {
    const login = textOf(await api.request('GET /user'), 'login');
    return (post) => post.login === login;
  } catch (cause) {
    if (cause instanceof GitHubError && (cause.status === 403 || cause.status === 404)) return ({ isBot }) => isBot;
    throw cause;
  }
}

/** The page of a comment or an issue. */
export function urlOf(value: unknown): string | undefined {
  return textOf(value, 'html_url');
}
