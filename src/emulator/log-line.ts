import { compact } from '../core/compact.ts';
import type { Kind } from './faults/faults.ts';
import type { ChangeRecord } from './oracle.ts';
import type { SeenRequest } from './request-log.ts';

/** One event in an emulator's log, in chronological order. */
export type LogLine =
  | ({ readonly type: 'done' } & ChangeRecord)
  | {
      readonly type: 'request';
      /** Time at which the request ended, in milliseconds since the epoch. */
      readonly at: number;
      readonly ms: number;
      readonly request: string;
      readonly method: string;
      readonly path: string;
      /** The response's status, or 0 if the client received no response. */
      readonly status: number;
      readonly fault?: Kind;
      readonly showed_key?: true;
    };

/** Returns the line for a request that has ended. */
export function lineOf({ id, method, path, status, startedAt, endedAt = startedAt, ...rest }: SeenRequest): LogLine {
  return {
    type: 'request',
    at: endedAt,
    ms: endedAt - startedAt,
    request: id,
    method,
    // Logs are shared, so they never contain keys.
    path: rest.showedKey === true ? '[redacted: the path or body contains a key of this request]' : path,
    status,
    ...compact({ fault: rest.fault }),
    ...(rest.showedKey === undefined ? {} : { showed_key: true }),
  };
}
