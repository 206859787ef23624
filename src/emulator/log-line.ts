import type { Kind } from './faults/faults.ts';
import type { Happening } from './oracle.ts';
import type { SeenRequest } from './request-log.ts';

/** What a log of the emulator tells, in the order in which it came to pass. */
export type LogLine =
  | ({ readonly type: 'done' } & Happening)
  | {
      readonly type: 'request';
      /** When it ended. */
      readonly at: number;
      readonly ms: number;
      readonly request: string;
      readonly method: string;
      readonly path: string;
      /** 0 where the client got none. */
      readonly status: number;
      readonly fault?: Kind;
      readonly showed_key?: true;
    };

/** The line about a request that has ended. */
export function lineOf({ id, method, path, status, startedAt, endedAt = startedAt, ...rest }: SeenRequest): LogLine {
  return {
    type: 'request',
    at: endedAt,
    ms: endedAt - startedAt,
    request: id,
    method,
    // A log that is made to be passed around repeats no key.
    path: rest.showedKey === true ? '[a key of this request stands in its path or body]' : path,
    status,
    ...(rest.fault === undefined ? {} : { fault: rest.fault }),
    ...(rest.showedKey === undefined ? {} : { showed_key: true }),
  };
}
