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

/**
 * Git with the token in its environment alone: never in an argument, an address or a file, and never asked for on a terminal. An
 * empty header first takes away one that a checkout has left in the configuration; two would be refused.
 */
export function gitIn({ cwd, remote, token, environment, redact }: GitOptions): Git {
  const header = `http.${remote}.extraheader`;
  const basic = token === undefined ? '' : Buffer.from(`x-access-token:${token}`).toString('base64');
  const config =
    token === undefined
      ? {}
      : {
          GIT_CONFIG_COUNT: '2',
          GIT_CONFIG_KEY_0: header,
          GIT_CONFIG_VALUE_0: '',
          GIT_CONFIG_KEY_1: header,
          GIT_CONFIG_VALUE_1: `AUTHORIZATION: basic ${basic}`,
        };
  const { PATH, HOME, ...rest } = environment;
  const proxies = Object.fromEntries(
    Object.entries(rest).filter(([name]) => /^(?:https?|no|all)_proxy$|^SSL_CERT/i.test(name)),
  );
  return (args, { input, env = {} } = {}) =>
    new Promise((resolve, reject) => {
      const child = execFile(
        'git',
        [...args],
        {
          cwd,
          env: {
            PATH,
            HOME,
            ...proxies,
            LC_ALL: 'C',
            GIT_TERMINAL_PROMPT: '0',
            GIT_OPTIONAL_LOCKS: '0',
            ...config,
            ...env,
          },
          maxBuffer: MOST_BYTES,
          encoding: 'utf8',
        },
        (cause, stdout, stderr) => {
          if (cause === null) resolve(stdout);
          else reject(new GitError(redact(stderr === '' ? cause.message : stderr), args[0] ?? ''));
        },
      );
      child.stdin?.on('error', () => {}); // it ended before it read everything: its exit code says why
      child.stdin?.end(input ?? '');
    });
}
