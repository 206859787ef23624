import type { IncomingHttpHeaders } from 'node:http';
import { refusal, type EmulatorResponse } from './response.ts';
import type { Route } from './route.ts';

/**
 * Returns an error response unless the request carries both keys or a token. Any value is valid, because the emulator
 * has no list of real keys. The two `validate` paths require only the API key, as Datadog documents and its own
 * clients do.
 */
export function authenticate(route: Route, headers: IncomingHttpHeaders): EmulatorResponse | undefined {
  if (/^Bearer +\S/i.test(headers.authorization ?? '')) return undefined;
  const alone = route.operation === 'validateKey' || route.operation === 'validateKeyAndTellOrganisation';
  const needed = alone ? ['DD-API-KEY'] : ['DD-API-KEY', 'DD-APPLICATION-KEY'];
  const absent = needed.filter((name) => !headers[name.toLowerCase()]);
  if (absent.length === 0) return undefined;
  const detail = `The request lacks ${absent.join(' and ')}; send ${needed.join(' and ')}, or Authorization: Bearer.`;
  return refusal(403, [{ detail }]);
}
