import { failed, NOT_FOUND, ok, type Answer } from './answer.ts';
import { wrapped } from './repository-routes.ts';
import { linksOf, type ApiRequest, type Route } from './route.ts';

const TOO_LARGE = 100 * 1024 * 1024;

export const CONTENTS_ROUTE: Route = {
  method: 'GET',
  path: /^\/contents\/?(.*)$/,
  needs: ['contents'],
  answer: getContents,
};

/**
 * A file or a folder at a ref.
 *
 * | size of a file  | as JSON                                | as `application/vnd.github.raw` |
 * | --------------- | -------------------------------------- | ------------------------------- |
 * | up to 1 MB      | base64                                 | bytes                           |
 * | up to 100 MB    | `content: ""`, `encoding: "none"`      | bytes                           |
 * | more            | 403 `too_large`                        | 403 `too_large`                 |
 */
async function getContents(request: ApiRequest): Promise<Answer> {
  const [path = ''] = request.params;
  const { repository } = request.remote;
  const ref = request.url.searchParams.get('ref') ?? 'main';
  const commit = await repository.resolve(`${ref}^{commit}`);
  if (commit === undefined) return failed(404, `No commit found for the ref ${ref}`);
  const found = await repository.find(`${commit}:${path}`);
  if (found === undefined) return NOT_FOUND;
  const { sha, type } = found;
  if (type === 'tree') {
    const entries = await repository.tree(sha, false);
    return ok(
      entries.map((entry) => ({
        ...described(request, path === '' ? entry.path : `${path}/${entry.path}`, entry.sha, ref),
        type: entry.type === 'tree' ? 'dir' : 'file',
        size: entry.size ?? 0,
      })),
    );
  }
  return await getFile(request, path, sha, ref);
}

async function getFile(request: ApiRequest, path: string, sha: string, ref: string): Promise<Answer> {
  const bytes = await request.remote.repository.bytes(sha);
  if (bytes.length > TOO_LARGE)
    return failed(
      403,
      'This API returns blobs up to 100 MB in size. The requested blob is too large to fetch via the API.',
      {
        errors: [{ resource: 'Blob', field: 'data', code: 'too_large' }],
      },
    );
  if (request.accept.includes('.raw'))
    return ok(bytes, { 'content-type': 'application/vnd.github.raw; charset=utf-8' });
  const small = bytes.length <= request.settings.largestContent;
  return ok({
    ...described(request, path, sha, ref),
    type: 'file',
    size: bytes.length,
    content: small ? wrapped(bytes) : '',
    encoding: small ? 'base64' : 'none',
  });
}

function described(request: ApiRequest, path: string, sha: string, ref: string): Record<string, unknown> {
  const { api, html } = linksOf(request);
  const self = `${api}/contents/${path}?ref=${ref}`;
  const git = `${api}/git/blobs/${sha}`;
  const page = `${html}/blob/${ref}/${path}`;
  return {
    name: path.split('/').at(-1),
    path,
    sha,
    url: self,
    git_url: git,
    html_url: page,
    download_url: null,
    _links: { self, git, html: page },
  };
}
