import type { IncomingHttpHeaders } from 'node:http';
import type { Body } from './body.ts';

/**
 * Reports whether a request contains one of its own keys in its path or body, where logs and proxies would record it.
 */
export function containsOwnKey(path: string, headers: IncomingHttpHeaders, body: Body): boolean {
  const bearer = /^Bearer +(\S+)/i.exec(headers.authorization ?? '')?.[1];
  const keys = [headers['dd-api-key'], headers['dd-application-key'], bearer]
    .flat()
    .filter((key) => key !== undefined && key.length >= MIN_KEY_LENGTH);
  return keys.some(
    (key) => key !== undefined && (path.includes(key) || (typeof body === 'object' && body.bytes.includes(key))),
  );
}

/** Shorter keys are ignored. Only tests use them, and they could match part of a path by chance. */
const MIN_KEY_LENGTH = 8;
