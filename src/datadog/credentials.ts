import { inspect } from 'node:util';
import { problem, type Problem } from '../core/diagnostic.ts';

/** A key or token with the name of the variable that it came from. However it is printed, only its ending shows. */
export class Secret {
  readonly #value: string;
  /** Such as `DD_API_KEY`. */
  readonly variable: string;

  constructor(value: string, variable: string) {
    this.#value = value;
    this.variable = variable;
  }

  /** The value itself: for the header of a request, and for the redactor. */
  reveal(): string {
    return this.#value;
  }

  /** The last four characters; empty for one so short that they would give it away. */
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

/** Either the pair of keys, or a token instead of it. */
export type Credentials =
  | { readonly kind: 'keys'; readonly apiKey: Secret; readonly appKey: Secret }
  | { readonly kind: 'token'; readonly token: Secret };

/** None of the members is there where nothing is set. `only` says which key of the two is there alone. */
export interface FoundCredentials {
  readonly credentials?: Credentials;
  readonly problem?: Problem;
  readonly only?: 'api-key' | 'app-key';
}

/**
 * Takes the keys or the token out of the environment. `DD_…` and `DATADOG_…` are the same; empty counts as unset.
 * A problem is `bad-credentials` for a malformed value and `conflicting-settings` for two that contradict each other.
 */
export function readCredentials(env: Readonly<Record<string, string | undefined>>): FoundCredentials {
  const [apiKey, appKey, token] = (['API_KEY', 'APP_KEY', 'BEARER_TOKEN'] as const).map((name) =>
    readSecret(env, name),
  );
  const wrong = apiKey?.problem ?? appKey?.problem ?? token?.problem;
  if (wrong !== undefined) return { problem: wrong };
  return choose(apiKey?.secret, appKey?.secret, token?.secret);
}

/** The headers that carry the credentials: on every request, and nowhere else. */
export function credentialHeaders(credentials: Credentials): Readonly<Record<string, string>> {
  return credentials.kind === 'token'
    ? { Authorization: `Bearer ${credentials.token.reveal()}` }
    : { 'DD-API-KEY': credentials.apiKey.reveal(), 'DD-APPLICATION-KEY': credentials.appKey.reveal() };
}

/** The bare values, for the redactor. */
export function secretValues(credentials: Credentials): readonly string[] {
  return credentials.kind === 'token'
    ? [credentials.token.reveal()]
    : [credentials.apiKey.reveal(), credentials.appKey.reveal()];
}

/** For people: `API key ending a91f (DD_API_KEY) · application key ending 07bc (DD_APP_KEY)`. */
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
        hint: 'unset the token, or the keys: a request carries one or the other',
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
      problem: problem('conflicting-settings', `${first.variable} and ${second.variable} are both set, and differ`, {
        hint: `unset ${second.variable}, or set both to the same value`,
      }),
    };
  }
  return { secret: new Secret(first.value, first.variable) };
}

// The value is never echoed, not even in part: what is malformed may be two secrets pasted together.
function malformedProblem({ variable, value }: { readonly variable: string; readonly value: string }): Problem {
  const what = /\s/.test(value)
    ? 'white space'
    : /\p{Cc}/u.test(value)
      ? 'a control character'
      : 'a character that no key has';
  return problem('bad-credentials', `${variable} holds ${what} inside`, {
    hint: `set ${variable} to the bare key or token: one line, without quotes or the word Bearer`,
  });
}
