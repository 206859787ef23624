import type { GitHubSettings } from './settings.ts';
import type { GitRemote } from '../git/remote.ts';
import type { Caller } from '../tokens.ts';

/** The data that the resolvers use. */
export interface GraphqlContext {
  readonly caller: Caller;
  readonly remote: GitRemote;
  readonly settings: GitHubSettings;
  readonly base: string;
}

/** An error that GitHub returns too, with its `type`. */
export class GitHubError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

export function forbidden({ kind }: Caller): GitHubError {
  const who = kind === 'installation' ? 'integration' : 'personal access token';
  return new GitHubError('FORBIDDEN', `Resource not accessible by ${who}`);
}

export function noRepository(name: string): GitHubError {
  return new GitHubError('NOT_FOUND', `Could not resolve to a Repository with the name '${name}'.`);
}
