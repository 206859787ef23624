/** The permissions of a token, named as in a workflow's `permissions`. */
export type Scope = 'contents' | 'issues' | 'pull-requests' | 'administration';
type Level = 'read' | 'write';

export interface Caller {
  readonly login: string;
  /** GITHUB_TOKEN belongs to an installation, a personal access token to a user. */
  readonly kind: 'installation' | 'user';
  readonly permissions: Readonly<Partial<Record<Scope, Level>>>;
}

/** The owner of each token. */
export type Tokens = Readonly<Record<string, Caller>>;

/** The GITHUB_TOKEN of a job with these permissions. */
export function jobToken(permissions: Caller['permissions']): Caller {
  return { login: 'github-actions[bot]', kind: 'installation', permissions };
}

export function personalToken(login: string, permissions: Caller['permissions']): Caller {
  return { login, kind: 'user', permissions };
}

export function may(caller: Caller | undefined, scope: Scope, level: Level): boolean {
  const granted = caller?.permissions[scope];
  return granted === 'write' || granted === level;
}

/** Returns the token of a Basic, `token` or `Bearer` header, or undefined if there is no such header. */
export function shownToken(authorization: string | undefined): string | undefined {
  const [, scheme = '', value = ''] = /^(\S+) +(.*)$/.exec(authorization ?? '') ?? [];
  switch (scheme.toLowerCase()) {
    case 'basic': {
      const [, password = ''] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, 'base64').toString()) ?? [];
      return password;
    }
    case 'token':
    case 'bearer':
      return value;
    default:
      return undefined;
  }
}
