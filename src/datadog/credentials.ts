import { inspect } from 'node:util';
import { problem, type Problem } from '../core/diagnostic.ts';

/** A key or token, and the variable it came from. Printing or serialising it shows only its last characters. */
export class Secret {
  readonly #value: string;
  /** The environment variable that the secret came from, such as `DD_API_KEY`. */
  readonly variable: string;

  constructor(value: string, variable: string) {
    this.#value = value;
    this.variable = variable;
  }

  /** Returns the secret itself, for request headers and the redactor. */
  reveal(): string {
    return this.#value;
  }

  /** Returns the secret's last four characters, or an empty string if the secret has at most eight characters. */
  get ending(): string {
    return this.#value.length > 8 ? this.#value.slice(-4) : '';
  }

  toString(): string {
    return this.ending === '' ? this.variable : `…${this.ending} (${this.variable})`;
  }

  toJSON(): string {
    return this.toString();
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Either the API key and application key, or a bearer token. */
export type Credentials =
  | { readonly kind: 'keys'; readonly apiKey: Secret; readonly appKey: Secret }
  | { readonly kind: 'token'; readonly token: Secret };

/**
 * The credentials in the environment, or the problem with them. It has no members if none are set. `only` names the key
 * that is set without the other one.
 */
export interface FoundCredentials {
  readonly credentials?: Credentials;
  readonly problem?: Problem;
  readonly only?: 'api-key' | 'app-key';
}

/**
 * Reads the keys or the token from the environment. `DD_…` and `DATADOG_…` are equivalent; an empty variable counts
 * as unset. A malformed value gives a problem `bad-credentials`, and two contradictory ones `conflicting-settings`.
 */
export function readCredentials(env: Readonly<Record<string, string | undefined>>): FoundCredentials {
  const [apiKey, appKey, token] = (['API_KEY', 'APP_KEY', 'BEARER_TOKEN'] as const).map((name) =>
    readSecret(env, name),
  );
  const wrong = apiKey?.problem ?? appKey?.problem ?? token?.problem;
  if (wrong !== undefined) return { problem: wrong };
  return choose(apiKey?.secret, appKey?.secret, token?.secret);
}

/** Returns the headers that carry the credentials. Every request has them, and they appear nowhere else. */
export function credentialHeaders(credentials: Credentials): Readonly<Record<string, string>> {
  return credentials.kind === 'token'
    ? { Authorization: `Bearer ${credentials.token.reveal()}` }
    : { 'DD-API-KEY': credentials.apiKey.reveal(), 'DD-APPLICATION-KEY': credentials.appKey.reveal() };
}

/** Returns the keys or the token as plain text, so that the redactor can recognise them. */
export function secretValues(credentials: Credentials): readonly string[] {
  return credentials.kind === 'token'
    ? [credentials.token.reveal()]
    : [credentials.apiKey.reveal(), credentials.appKey.reveal()];
}

/** Returns a description for people: `API key ending a91f (DD_API_KEY) · application key ending 07bc (DD_APP_KEY)`. */
export function describeCredentials(credentials: Credentials): string {
  return credentials.kind === 'token'
    ? describeSecret('bearer token', credentials.token)
    : `${describeSecret('API key', credentials.apiKey)}, ${describeSecret('application key', credentials.appKey)}`;
}

function describeSecret(what: string, secret: Secret): string {
  return secret.ending === '' ? `${what} (${secret.variable})` : `${what} ending ${secret.ending} (${secret.variable})`;
}

function choose(apiKey?: Secret, appKey?: Secret, token?: Secret): FoundCredentials {
  const key = apiKey ?? appKey;
  if (token !== undefined && key !== undefined) {
    return {
      problem: problem('conflicting-settings', `${token.variable} and ${key.variable} are both set`, {
        hint: 'unset the token or the keys: a request can carry only one of them',
      }),
    };
  }
  if (token !== undefined) return { credentials: { kind: 'token', token } };
  if (apiKey !== undefined && appKey !== undefined) return { credentials: { kind: 'keys', apiKey, appKey } };
  if (key === undefined) return {};
  return { only: apiKey === undefined ? 'app-key' : 'api-key' };
}

function readSecret(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
): { readonly secret?: Secret; readonly problem?: Problem } {
  const found = [`DD_${name}`, `DATADOG_${name}`].flatMap((variable) => {
    const value = env[variable]?.trim() ?? '';
    return value === '' ? [] : [{ variable, value }];
  });
  const malformed = found.find(({ value }) => !/^[\x21-\x7e]+$/.test(value));
  if (malformed !== undefined) return { problem: malformedProblem(malformed) };
  const [first, second] = found;
  if (first === undefined) return {};
  if (second !== undefined && second.value !== first.value) {
    return {
      problem: problem('conflicting-settings', `${first.variable} and ${second.variable} are set to different values`, {
        hint: `unset ${second.variable}, or set both to the same value`,
      }),
    };
  }
  return { secret: new Secret(first.value, first.variable) };
}

// Returns a problem that shows no part of the value, because a malformed value may be two secrets pasted together.
function malformedProblem({ variable, value }: { readonly variable: string; readonly value: string }): Problem {
  const what = /\s/.test(value)
    ? 'whitespace'
    : /\p{Cc}/u.test(value)
      ? 'a control character'
      : 'a character that keys never contain';
  return problem('bad-credentials', `${variable} contains ${what}`, {
    hint: `set ${variable} to the key or token alone: one line, without quotes or the word Bearer`,
  });
}
