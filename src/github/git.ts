import { execFile } from 'node:child_process';

/** A failed git command, with its stderr, which never contains a token. */
export class GitError extends Error {
  readonly stderr: string;

  constructor(stderr: string, what: string) {
    super(`git ${what}: ${stderr.trim()}`);
    this.name = 'GitError';
    this.stderr = stderr;
  }
}

export interface GitOptions {
  readonly cwd: string;
  /** The remote's URL, without credentials. */
  readonly remote: string;
  /** The token, which is sent as a header. Without it, git uses its own credentials. */
  readonly token: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly redact: (text: string) => string;
}

/** Runs git without a shell. `input` goes to its stdin. Throws a GitError. */
export type Git = (
  args: readonly string[],
  more?: { readonly input?: string; readonly env?: Readonly<Record<string, string>> },
) => Promise<string>;

const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Returns a git runner that passes the token only in the environment: never in an argument, a URL or a file. It never
 * prompts.
 */
export function gitIn({ cwd, remote, token, environment, redact }: GitOptions): Git {
  const fixed = {
    ...Object.fromEntries(Object.entries(environment).filter(([name]) => HANDED_ON.test(name))),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    ...configured([...SETTINGS, ...authorisation(remote, token)]),
  };
  return (args, { input, env = {} } = {}) =>
    new Promise((resolve, reject) => {
      const options = { cwd, env: { ...fixed, ...env }, maxBuffer: MAX_BYTES, encoding: 'utf8' } as const;
      const child = execFile('git', [...args], options, (cause, stdout, stderr) => {
        if (cause === null) resolve(stdout);
        else reject(new GitError(redact(stderr === '' ? cause.message : stderr), args[0] ?? ''));
      });
      child.stdin?.on('error', () => {}); // git ended before it read all input; its exit code says why
      child.stdin?.end(input ?? '');
    });
}

/** The environment variables that git gets: paths, network settings and certificates. */
const HANDED_ON =
  /^(?:PATH|HOME|USERPROFILE|SYSTEMROOT|TMPDIR|TEMP|(?:https?|no|all)_proxy|SSL_CERT_.*|GIT_SSL_.*|GIT_SSH.*|SSH_AUTH_SOCK)$/i;

type Setting = readonly [name: string, value: string];

const SETTINGS: readonly Setting[] = [
  // In a container, the checkout may belong to another user, and git would refuse to use it.
  ['safe.directory', '*'],
  // Hooks of the repository must not run here, because they would see the token.
  ['core.hooksPath', '/dev/null'],
];

/**
 * Returns the settings that send the token as a header. The empty header removes one that a checkout left in the
 * configuration, because the server would refuse two.
 */
function authorisation(remote: string, token: string | undefined): readonly Setting[] {
  if (token === undefined) return [];
  const name = `http.${remote}.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return [
    [name, ''],
    [name, `AUTHORIZATION: basic ${basic}`],
  ];
}

/** Passes settings as environment variables, which process lists don't show. */
function configured(settings: readonly Setting[]): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([name, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, name],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]) as Readonly<Record<string, string>>;
}
