import { created, failed, NOT_FOUND, ok, type Answer } from './answer.ts';
import { pullJson } from './issue-json.ts';
import { page } from './paging.ts';
import { linksOf, type ApiRequest, type Route } from './route.ts';
import { may } from '../tokens.ts';

export const REPOSITORY_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^$/, needs: [], answer: getRepository },
  // A client may encode the slash.
  { method: 'GET', path: /^\/git\/ref\/heads(?:\/|%2F)(.+)$/i, needs: ['contents'], answer: getRef },
  { method: 'GET', path: /^\/git\/trees\/(.+)$/, needs: ['contents'], answer: getTree },
  { method: 'GET', path: /^\/git\/blobs\/(\w+)$/, needs: ['contents'], answer: getBlob },
  { method: 'POST', path: /^\/git\/blobs$/, needs: ['contents'], answer: createBlob },
  { method: 'GET', path: /^\/commits\/([^/]+)\/pulls$/, needs: ['pull-requests'], answer: listPullsOfCommit },
  { method: 'GET', path: /^\/pulls\/(\d+)$/, needs: ['pull-requests'], answer: getPull },
  { method: 'GET', path: /^\/branches\/([^/]+)\/protection$/, needs: ['administration'], answer: getProtection },
  { method: 'GET', path: /^\/branches\/([^/]+)$/, needs: ['contents'], answer: getBranch },
  { method: 'GET', path: /^\/rules\/branches\/(.+)$/, needs: [], answer: getRules },
  { method: 'GET', path: /^\/rulesets\/(\d+)$/, needs: [], answer: getRuleset },
];

/**
 * For an installation, such as GITHUB_TOKEN, all `permissions` are false whatever it may do, because they describe a
 * user. (For this reason semantic-release requests /installation/repositories if `push` is false.)
 */
function getRepository(request: ApiRequest): Answer {
  const { caller, remote, settings } = request;
  const { api, html } = linksOf(request);
  const [owner = '', name = ''] = remote.name.split('/');
  const user = caller.kind === 'user';
  return ok({
    id: 1,
    node_id: 'R_1',
    name,
    full_name: remote.name,
    owner: { login: owner, type: 'Organization' },
    private: settings.private,
    html_url: html,
    clone_url: `${html}.git`,
    url: api,
    default_branch: 'main',
    has_issues: settings.issuesEnabled,
    archived: false,
    permissions: {
      admin: user && may(caller, 'administration', 'write'),
      maintain: false,
      push: user && may(caller, 'contents', 'write'),
      triage: user && may(caller, 'issues', 'write'),
      pull: user && may(caller, 'contents', 'read'),
    },
  });
}

async function getRef(request: ApiRequest): Promise<Answer> {
  const [branch = ''] = request.params;
  const sha = await request.remote.repository.tip(branch);
  if (sha === undefined) return NOT_FOUND;
  const { api } = linksOf(request);
  const url = `${api}/git/refs/heads/${branch}`;
  return ok({
    ref: `refs/heads/${branch}`,
    node_id: 'REF_1',
    url,
    object: { type: 'commit', sha, url: `${api}/git/commits/${sha}` },
  });
}

async function getTree(request: ApiRequest): Promise<Answer> {
  const [expression = ''] = request.params;
  const { repository } = request.remote;
  const sha = await repository.resolve(`${expression}^{tree}`);
  if (sha === undefined) return NOT_FOUND;
  const { api } = linksOf(request);
  const entries = await repository.tree(sha, request.url.searchParams.has('recursive'));
  return ok({
    sha,
    url: `${api}/git/trees/${sha}`,
    tree: entries.map((entry) => ({ ...entry, url: `${api}/git/${entry.type}s/${entry.sha}` })),
    truncated: request.settings.truncatedTrees,
  });
}

async function getBlob(request: ApiRequest): Promise<Answer> {
  const [sha = ''] = request.params;
  const { repository } = request.remote;
  if ((await repository.find(sha))?.type !== 'blob') return NOT_FOUND;
  const bytes = await repository.bytes(sha);
  if (request.accept.includes('.raw')) return ok(bytes);
  const { api } = linksOf(request);
  const url = `${api}/git/blobs/${sha}`;
  return ok({ sha, node_id: `B_${sha}`, size: bytes.length, url, encoding: 'base64', content: wrapped(bytes) });
}

async function createBlob({ body, remote, base }: ApiRequest): Promise<Answer> {
  const { content, encoding = 'utf-8' } = body;
  if (typeof content !== 'string') return failed(422, 'Invalid request.\n\n"content" wasn\'t supplied.');
  const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
  const sha = remote.repository.writeBlob(bytes);
  return created({ sha, url: `${base}/repos/${remote.name}/git/blobs/${sha}` });
}

function listPullsOfCommit(request: ApiRequest): Answer {
  const [sha = ''] = request.params;
  const found = [...request.issues.issues.values()].filter(
    ({ pull }) => pull?.mergeCommit === sha || pull?.commits.includes(sha),
  );
  const links = linksOf(request);
  return page(
    found.map((issue) => pullJson(issue, links, request.remote.name)),
    request.url,
  );
}

function getPull(request: ApiRequest): Answer {
  const issue = request.issues.issues.get(Number(request.params[0]));
  return issue?.pull === undefined ? NOT_FOUND : ok(pullJson(issue, linksOf(request), request.remote.name));
}

/** Only an administrator can read it. GITHUB_TOKEN cannot get that permission and receives the 403. */
function getProtection({ params: [branch = ''], remote }: ApiRequest): Answer {
  if (remote.refusalOf(branch)?.by !== 'protection') return failed(404, 'Branch not protected');
  return ok({
    required_pull_request_reviews: { required_approving_review_count: 1 },
    enforce_admins: { enabled: true },
  });
}

async function getBranch(request: ApiRequest): Promise<Answer> {
  const [branch = ''] = request.params;
  const sha = await request.remote.repository.tip(branch);
  if (sha === undefined) return failed(404, 'Branch not found');
  const isProtected = request.remote.refusalOf(branch)?.by === 'protection';
  return ok({
    name: branch,
    commit: { sha },
    protected: isProtected,
    protection: {
      enabled: isProtected,
      required_status_checks: { enforcement_level: 'off', contexts: [], checks: [] },
    },
  });
}

function getRules({ params: [branch = ''], remote, settings, url }: ApiRequest): Answer {
  const implied = {
    type: 'pull_request',
    ruleset_source_type: 'Repository',
    ruleset_source: remote.name,
    ruleset_id: 42,
    parameters: { required_approving_review_count: 1, dismiss_stale_reviews_on_push: false },
  };
  return page([...(remote.refusalOf(branch)?.by === 'ruleset' ? [implied] : []), ...settings.rules], url);
}

/** Contains only whether the requester may bypass it. */
function getRuleset({ params: [id = ''], settings }: ApiRequest): Answer {
  return ok({
    id: Number(id),
    name: 'main',
    target: 'branch',
    enforcement: 'active',
    current_user_can_bypass: settings.bypass,
  });
}

/** Base64 in lines of 60 characters, as GitHub sends it. */
export function wrapped(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{60}|.+$/g, '$&\n');
}
