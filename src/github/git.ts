import { execFile } from 'node:child_process';

/** A git command that failed, with what it said; never with a token. */
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
  /** The remote's address, without credentials. */
  readonly remote: string;
  /** Sent as a header; without one, git uses the credentials that it has. */
  readonly token: string | undefined;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly redact: (text: string) => string;
}

/** Runs git without a shell. `input` goes to its stdin. Throws a GitError. */
export type Git = (
  args: readonly string[],
  more?: { readonly input?: string; readonly env?: Readonly<Record<string, string>> },
) => Promise<string>;

const MOST_BYTES = 256 * 1024 * 1024;

/** Git with the token in its environment alone: never in an argument, an address or a file, and never asked for on a terminal. */
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
      const options = { cwd, env: { ...fixed, ...env }, maxBuffer: MOST_BYTES, encoding: 'utf8' } as const;
      const child = execFile('git', [...args], options, (cause, stdout, stderr) => {
        if (cause === null) resolve(stdout);
        else reject(new GitError(redact(stderr === '' ? cause.message : stderr), args[0] ?? ''));
      });
      child.stdin?.on('error', () => {}); // it ended before it read everything: its exit code says why
      child.stdin?.end(input ?? '');
    });
}

/** All that git needs of the environment: where things are, how the network is reached, and what proves who is who. */
const HANDED_ON =
  /^(?:PATH|HOME|USERPROFILE|SYSTEMROOT|TMPDIR|TEMP|(?:https?|no|all)_proxy|SSL_CERT_.*|GIT_SSL_.*|GIT_SSH.*|SSH_AUTH_SOCK)$/i;

type Setting = readonly [name: string, value: string];

const SETTINGS: readonly Setting[] = [
  // In a container the checkout may belong to another user.
  ['safe.directory', '*'],
  // A hook of the repository has no business in a recording, and would see the token.
  ['core.hooksPath', '/dev/null'],
];

/** An empty header takes away one that a checkout has left in the configuration; two would be refused. */
function authorisation(remote: string, token: string | undefined): readonly Setting[] {
  if (token === undefined) return [];
  const name = `http.${remote}.extraheader`;
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  return [
    [name, ''],
    [name, `AUTHORIZATION: basic ${basic}`],
  ];
}

/** Settings as variables of the environment, which no list of processes shows. */
function configured(settings: readonly Setting[]): Readonly<Record<string, string>> {
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([name, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, name],
      [`GIT_CONFIG_VALUE_${index}`, value],
    ]),
  ]) as Readonly<Record<string, string>>;
}
