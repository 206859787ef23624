import type { IncomingHttpHeaders } from 'node:http';
import type { Body } from './body.ts';

/** Whether a request holds one of its own keys outside of its headers, where logs and proxies would see it. */
export function showsKey(path: string, headers: IncomingHttpHeaders, body: Body): boolean {
  const bearer = /^Bearer +(\S+)/i.exec(headers.authorization ?? '')?.[1];
  const keys = [headers['dd-api-key'], headers['dd-application-key'], bearer]
    .flat()
    .filter((key) => key !== undefined && key.length >= SHORTEST_KEY);
  return keys.some(
    (key) => key !== undefined && (path.includes(key) || (typeof body === 'object' && body.bytes.includes(key))),
  );
}

/** Shorter ones, which only tests use, stand in a path by chance. */
const SHORTEST_KEY = 8;
