import type { World } from './world.ts';

/** Every variable that may hold a key or a token. */
export const SECRET_NAMES = [
  'DD_API_KEY',
  'DATADOG_API_KEY',
  'DD_APP_KEY',
  'DATADOG_APP_KEY',
  'DD_BEARER_TOKEN',
  'DATADOG_BEARER_TOKEN',
] as const;

/** Everything in the environment that must never be shown. */
export function secretsIn(env: World['env']): readonly string[] {
  return SECRET_NAMES.map((name) => env[name]?.trim() ?? '').filter((value) => value !== '');
}
