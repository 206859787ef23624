import { itemsOf, memberOf, textOf } from './json-values.ts';
import { GitHubError, type GitHubApi } from './api.ts';
import type { Repository } from './api-files.ts';

/** Rules that keep a plain commit from a branch. */
const BLOCKING = new Set([
  'pull_request',
  'update',
  'required_status_checks',
  'required_deployments',
  'merge_queue',
  'workflows',
]);

/**
 * Throws a GitHubError where the token may not write. What the token of a workflow may do, no answer says: an object that nothing
 * refers to is the one write that changes nothing.
 */
export async function requireWriting(api: GitHubApi, at: Repository): Promise<void> {
  const repository = await api.request('GET /repos/{owner}/{repo}', { ...at });
  if (memberOf(repository, 'permissions', 'push') === true) return;
  await api.request('POST /repos/{owner}/{repo}/git/blobs', { ...at, content: '', encoding: 'utf-8' });
}

/**
 * The first rule of a ruleset that keeps this token from committing; one that it may always bypass does not. Where GitHub doesn't
 * say, there is none. Classic branch protection is told to administrators alone.
 */
export async function blockingRule(
  api: GitHubApi,
  { owner, repo, branch }: Repository & { readonly branch: string },
): Promise<string | undefined> {
  const rules = await ifReadable(api, 'GET /repos/{owner}/{repo}/rules/branches/{branch}', { owner, repo, branch });
  for (const rule of itemsOf(rules)) {
    const type = textOf(rule, 'type');
    if (type === undefined || !BLOCKING.has(type)) continue;
    const id = memberOf(rule, 'ruleset_id');
    const set = await ifReadable(api, 'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}', {
      owner,
      repo,
      ruleset_id: id,
    });
    const bypass = textOf(set, 'current_user_can_bypass');
    if (bypass !== 'always' && bypass !== 'exempt') return type;
  }
  return undefined;
}

async function ifReadable(
  api: GitHubApi,
  route: string,
  parameters: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  try {
    return await api.request(route, parameters);
  } catch (cause) {
    if (cause instanceof GitHubError) return undefined;
    throw cause;
  }
}
