import type { Caller } from '../tokens.ts';

export interface Account {
  readonly login: string;
  readonly kind: Caller['kind'];
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly author: Account;
  readonly createdAt: string;
  updatedAt: string;
  body: string;
}

export interface Issue {
  readonly number: number;
  readonly author: Account;
  readonly createdAt: string;
  updatedAt: string;
  title: string;
  body: string | null;
  labels: readonly string[];
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'reopened' | null;
  locked: boolean;
  /** Only for a pull request, which on GitHub is an issue too. */
  readonly pull?: PullRequest;
}

export interface PullRequest {
  readonly head: string;
  readonly base: string;
  /** The merge commit. */
  mergeCommit: string | undefined;
  /** The commits that belong to it, for `commits/{sha}/pulls`. */
  readonly commits: readonly string[];
}

export const MONA_ACCOUNT: Account = { login: 'mona', kind: 'user' };

/**
 * Issues, pull requests and their comments, numbered as on GitHub. The clock advances by one second with every event.
 */
export class Issues {
  readonly issues = new Map<number, Issue>();
  readonly comments = new Map<number, Comment>();
  #seconds = 0;

  open(title: string, more: Partial<Omit<Issue, 'number' | 'title' | 'createdAt' | 'updatedAt'>> = {}): Issue {
    const at = this.#now();
    const issue: Issue = {
      number: this.issues.size + 1,
      author: MONA_ACCOUNT,
      createdAt: at,
      updatedAt: at,
      title,
      body: null,
      labels: [],
      state: 'open',
      stateReason: null,
      locked: false,
      ...more,
    };
    this.issues.set(issue.number, issue);
    return issue;
  }

  openPull(title: string, pull: Partial<PullRequest> = {}): Issue {
    return this.open(title, { pull: { head: 'change', base: 'main', mergeCommit: undefined, commits: [], ...pull } });
  }

  comment(issue: number, body: string, author: Account = MONA_ACCOUNT): Comment {
    const at = this.#now();
    const comment: Comment = { id: 1000 + this.comments.size, issue, author, createdAt: at, updatedAt: at, body };
    this.comments.set(comment.id, comment);
    return comment;
  }

  /** Oldest first, as on GitHub. */
  commentsOf(issue: number): readonly Comment[] {
    return [...this.comments.values()].filter((comment) => comment.issue === issue);
  }

  revise(thing: Issue | Comment, change: Partial<Issue> & Partial<Comment>): void {
    Object.assign(thing, change, { updatedAt: this.#now() });
  }

  #now(): string {
    this.#seconds += 1;
    return `${new Date(Date.UTC(2026, 9, 1) + this.#seconds * 1000).toISOString().slice(0, 19)}Z`;
  }
}
