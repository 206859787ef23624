import type { Runtime } from './runtime.ts';

/** Environment variables that may hold a key or a token. */
export const SECRET_NAMES = [
  'DD_API_KEY',
  'DATADOG_API_KEY',
  'DD_APP_KEY',
  'DATADOG_APP_KEY',
  'DD_BEARER_TOKEN',
  'DATADOG_BEARER_TOKEN',
] as const;

/** Returns every secret in the environment: keys, tokens, and the credentials of proxies. */
export function secretsIn(env: Runtime['env']): readonly string[] {
  const keys = SECRET_NAMES.map((name) => env[name]?.trim() ?? '');
  const proxies = Object.entries(env).flatMap(([name, value]) => (/_proxy$/i.test(name) ? credentialsOf(value) : []));
  return [...keys, ...proxies].filter((value) => value !== '');
}

/** Returns the secrets in a URL: the password as written and decoded, and the Basic authorization value. */
function credentialsOf(address: string | undefined): readonly string[] {
  if (address === undefined || !URL.canParse(address)) return [];
  const { username, password } = new URL(address);
  if (password === '') return [];
  try {
    const [user, decoded] = [decodeURIComponent(username), decodeURIComponent(password)];
    return [password, decoded, Buffer.from(`${user}:${decoded}`).toString('base64')];
  } catch {
    return [password];
  }
}
