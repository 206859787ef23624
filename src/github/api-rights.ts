import { itemsOf, valueAt, textAt } from './json-values.ts';
import { GitHubError, type GitHubApi } from './api.ts';
import type { Repository } from './api-files.ts';

/** The types of ruleset rules that block a plain commit to a branch. */
const BLOCKING = new Set([
  'pull_request',
  'update',
  'required_status_checks',
  'required_deployments',
  'merge_queue',
  'workflows',
]);

/**
 * Throws a GitHubError if the token has no write permission. No endpoint reports the permissions of a workflow's token,
 * so this creates an object that nothing refers to, the only write that changes nothing.
 */
export async function requireWriting(api: GitHubApi, at: Repository): Promise<void> {
  const repository = await api.request('GET /repos/{owner}/{repo}', { ...at });
  if (valueAt(repository, 'permissions', 'push') === true) return;
  await api.request('POST /repos/{owner}/{repo}/git/blobs', { ...at, content: '', encoding: 'utf-8' });
}

/**
 * Returns the first ruleset rule that blocks commits with this token, except rules that the token may always bypass.
 * Returns undefined if GitHub lists no such rule. Doesn't check classic branch protection, because only administrators
 * can read it.
 */
export async function blockingRule(
  api: GitHubApi,
  { owner, repo, branch }: Repository & { readonly branch: string },
): Promise<string | undefined> {
  const rules = await ifReadable(api, 'GET /repos/{owner}/{repo}/rules/branches/{branch}', { owner, repo, branch });
  for (const rule of itemsOf(rules)) {
    const type = textAt(rule, 'type');
    if (type === undefined || !BLOCKING.has(type)) continue;
    const id = valueAt(rule, 'ruleset_id');
    const set = await ifReadable(api, 'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}', {
      owner,
      repo,
      ruleset_id: id,
    });
    const bypass = textAt(set, 'current_user_can_bypass');
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
