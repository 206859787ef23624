import { created, failed, invalid, NOT_FOUND, ok, type Answer, type ValidationError } from './answer.ts';
import { commentJson, issueJson } from './issue-json.ts';
import type { Comment, Issue } from './issues.ts';
import { page } from './paging.ts';
import { linksOf, type ApiRequest, type Route } from './route.ts';
import type { Scope } from '../tokens.ts';

/** The maximum number of characters in a body. GitHub counts characters, not bytes. */
const LONGEST_BODY = 65_536;

/** Either permission allows comments on a pull request. */
const EITHER: readonly Scope[] = ['issues', 'pull-requests'];

export const ISSUE_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/issues\/(\d+)\/comments$/, needs: EITHER, answer: listComments },
  { method: 'POST', path: /^\/issues\/(\d+)\/comments$/, needs: EITHER, answer: createComment },
  { method: 'GET', path: /^\/issues\/comments\/(\d+)$/, needs: EITHER, answer: getComment },
  { method: 'PATCH', path: /^\/issues\/comments\/(\d+)$/, needs: EITHER, answer: updateComment },
  { method: 'GET', path: /^\/issues$/, needs: ['issues'], answer: listIssues },
  { method: 'POST', path: /^\/issues$/, needs: ['issues'], answer: createIssue },
  { method: 'GET', path: /^\/issues\/(\d+)$/, needs: EITHER, answer: getIssue },
  { method: 'PATCH', path: /^\/issues\/(\d+)$/, needs: ['issues'], answer: updateIssue },
  { method: 'POST', path: /^\/issues\/(\d+)\/labels$/, needs: EITHER, answer: addLabels },
];

function listComments(request: ApiRequest): Answer {
  const issue = issueOf(request);
  if (issue === undefined) return NOT_FOUND;
  const since = request.url.searchParams.get('since') ?? '';
  const comments = request.issues.commentsOf(issue.number).filter(({ updatedAt }) => updatedAt >= since);
  return page(
    comments.map((comment) => commentJson(comment, linksOf(request), issue)),
    request.url,
  );
}

function createComment(request: ApiRequest): Answer {
  const issue = issueOf(request);
  if (issue === undefined) return NOT_FOUND;
  if (issue.locked) return failed(403, 'Unable to create comment because issue is locked.');
  const { body } = request.body;
  const fault = faultOfBody(body, 'IssueComment');
  if (fault !== undefined) return invalid(fault);
  const comment = request.issues.comment(issue.number, String(body), request.caller);
  return created(commentJson(comment, linksOf(request), issue));
}

function getComment(request: ApiRequest): Answer {
  const comment = commentOf(request);
  return comment === undefined ? NOT_FOUND : ok(renderComment(request, comment));
}

function updateComment(request: ApiRequest): Answer {
  const comment = commentOf(request);
  if (comment === undefined) return NOT_FOUND;
  const { body } = request.body;
  const fault = faultOfBody(body, 'IssueComment');
  if (fault !== undefined) return invalid(fault);
  request.issues.revise(comment, { body: String(body) });
  return ok(renderComment(request, comment));
}

/** Newest first. The list includes pull requests, which have a `pull_request` member. */
function listIssues(request: ApiRequest): Answer {
  if (!request.settings.issuesEnabled) return ISSUES_OFF;
  const query = request.url.searchParams;
  const state = query.get('state') ?? 'open';
  const creator = query.get('creator');
  const labels = (query.get('labels') ?? '').split(',').filter((label) => label !== '');
  const found = [...request.issues.issues.values()]
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => creator === null || issue.author.login === creator)
    .filter((issue) => labels.every((label) => issue.labels.includes(label)))
    .toReversed();
  return page(
    found.map((issue) => shownIssue(request, issue)),
    request.url,
  );
}

function createIssue(request: ApiRequest): Answer {
  if (!request.settings.issuesEnabled) return ISSUES_OFF;
  const { title, body, labels } = request.body;
  if (typeof title !== 'string' || title === '') return invalid(missing('Issue', 'title'));
  const fault = body === undefined ? undefined : faultOfBody(body, 'Issue');
  if (fault !== undefined) return invalid(fault);
  const issue = request.issues.open(title, {
    author: request.caller,
    body: typeof body === 'string' ? body : null,
    labels: names(labels),
  });
  return created(shownIssue(request, issue));
}

function getIssue(request: ApiRequest): Answer {
  const issue = issueOf(request);
  return issue === undefined ? NOT_FOUND : ok(shownIssue(request, issue));
}

function updateIssue(request: ApiRequest): Answer {
  const issue = issueOf(request);
  if (issue === undefined) return NOT_FOUND;
  const { title, body, labels, state, state_reason: reason } = request.body;
  const fault = body === undefined ? undefined : faultOfBody(body, 'Issue');
  if (fault !== undefined) return invalid(fault);
  if (state !== undefined && state !== 'open' && state !== 'closed')
    return invalid({ resource: 'Issue', code: 'invalid', field: 'state' });
  request.issues.revise(issue, {
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof body === 'string' ? { body } : {}),
    ...(labels === undefined ? {} : { labels: names(labels) }),
    ...(state === undefined ? {} : { state, stateReason: reasonOf(state, reason) }),
  });
  return ok(shownIssue(request, issue));
}

function reasonOf(state: 'open' | 'closed', reason: unknown): Issue['stateReason'] {
  if (state === 'open') return 'reopened';
  return reason === 'not_planned' ? 'not_planned' : 'completed';
}

function addLabels(request: ApiRequest): Answer {
  const issue = issueOf(request);
  if (issue === undefined) return NOT_FOUND;
  request.issues.revise(issue, { labels: [...new Set([...issue.labels, ...names(request.body['labels'])])] });
  return ok(issue.labels.map((name) => ({ name })));
}

const ISSUES_OFF = failed(410, 'Issues has been disabled in this repository.');

function issueOf({ issues, params: [number] }: ApiRequest): Issue | undefined {
  return issues.issues.get(Number(number));
}

function commentOf({ issues, params: [id] }: ApiRequest): Comment | undefined {
  return issues.comments.get(Number(id));
}

function renderComment(request: ApiRequest, comment: Comment): unknown {
  return commentJson(comment, linksOf(request), request.issues.issues.get(comment.issue));
}

function shownIssue(request: ApiRequest, issue: Issue): unknown {
  return issueJson(issue, linksOf(request), request.issues.commentsOf(issue.number).length);
}

function faultOfBody(body: unknown, resource: string): ValidationError | undefined {
  if (typeof body !== 'string' || (body.trim() === '' && resource === 'IssueComment')) return missing(resource, 'body');
  if (Array.from(body).length <= LONGEST_BODY) return undefined;
  const message = `is too long (maximum is ${LONGEST_BODY} characters)`;
  // GitHub words it in two ways.
  if (resource === 'Issue') return { resource, code: 'custom', field: 'body', message: `body ${message}` };
  return { resource, code: 'unprocessable', field: 'data', message: `Body ${message}` };
}

function missing(resource: string, field: string): ValidationError {
  return { resource, code: 'missing_field', field };
}

/** Labels are given by name, or as objects with a name. */
function names(labels: unknown): readonly string[] {
  if (!Array.isArray(labels)) return [];
  return labels.map((label: unknown) => (typeof label === 'string' ? label : String(Object(label).name)));
}
