import type { Account, Comment, Issue } from './issues.ts';

/** The target of the links in the JSON. */
export interface Links {
  /** The API URL of the repository. */
  readonly api: string;
  /** The web URL of the repository. */
  readonly html: string;
}

export function commentJson(comment: Comment, { api, html }: Links, issue: Issue | undefined): unknown {
  const place = issue?.pull === undefined ? 'issues' : 'pull';
  return {
    id: comment.id,
    node_id: `IC_${comment.id}`,
    url: `${api}/issues/comments/${comment.id}`,
    html_url: `${html}/${place}/${comment.issue}#issuecomment-${comment.id}`,
    issue_url: `${api}/issues/${comment.issue}`,
    user: accountJson(comment.author),
    body: comment.body,
    created_at: comment.createdAt,
    updated_at: comment.updatedAt,
    author_association: comment.author.kind === 'installation' ? 'NONE' : 'MEMBER',
    performed_via_github_app: appJson(comment.author),
  };
}

export function issueJson(issue: Issue, links: Links, comments: number): unknown {
  const { api, html } = links;
  const place = issue.pull === undefined ? 'issues' : 'pull';
  return {
    id: 5000 + issue.number,
    node_id: `I_${issue.number}`,
    number: issue.number,
    url: `${api}/issues/${issue.number}`,
    html_url: `${html}/${place}/${issue.number}`,
    comments_url: `${api}/issues/${issue.number}/comments`,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    state_reason: issue.stateReason,
    locked: issue.locked,
    comments,
    user: accountJson(issue.author),
    labels: issue.labels.map((name, index) => ({
      id: index,
      name,
      color: 'ededed',
      default: false,
      description: null,
    })),
    created_at: issue.createdAt,
    updated_at: issue.updatedAt,
    closed_at: issue.state === 'closed' ? issue.updatedAt : null,
    author_association: 'MEMBER',
    performed_via_github_app: appJson(issue.author),
    ...(issue.pull === undefined
      ? {}
      : {
          pull_request: {
            url: `${api}/pulls/${issue.number}`,
            html_url: `${html}/pull/${issue.number}`,
            merged_at: issue.pull.mergeCommit === undefined ? null : issue.updatedAt,
          },
        }),
  };
}

export function pullJson(issue: Issue, { api, html }: Links, name: string): unknown {
  const { number, pull, state, title, body, author, createdAt, updatedAt } = issue;
  const [owner = ''] = name.split('/');
  const merged = pull?.mergeCommit !== undefined;
  const side = (ref: string): unknown => ({ ref, label: `${owner}:${ref}`, repo: { full_name: name } });
  return {
    id: 7000 + number,
    number,
    url: `${api}/pulls/${number}`,
    html_url: `${html}/pull/${number}`,
    state: merged ? 'closed' : state,
    title,
    body,
    user: accountJson(author),
    created_at: createdAt,
    updated_at: updatedAt,
    merged_at: merged ? updatedAt : null,
    merge_commit_sha: pull?.mergeCommit ?? null,
    head: side(pull?.head ?? ''),
    base: side(pull?.base ?? ''),
  };
}

function accountJson({ login, kind }: Account): unknown {
  return {
    login,
    id: kind === 'installation' ? 41_898_282 : 1,
    type: kind === 'installation' ? 'Bot' : 'User',
    site_admin: false,
  };
}

function appJson({ kind }: Account): unknown {
  return kind === 'installation' ? { id: 15_368, slug: 'github-actions', name: 'GitHub Actions' } : null;
}
