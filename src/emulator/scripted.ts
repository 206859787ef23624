import { jsonText, type EmulatorResponse } from './response.ts';
import type { SeenRequest } from './request-log.ts';

/** A response that a test defines for the next matching requests. The default of `times` is 1. */
export interface Script {
  readonly method?: string;
  readonly status: number;
  /** The body: a value that is sent as JSON, or a string that is sent unchanged. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly where?: (request: SeenRequest) => boolean;
  readonly times?: number;
}

/** Scripts in the order in which they were added. A request gets the first matching script that has uses left. */
export class Scripts {
  #waiting: { readonly script: Script; left: number }[] = [];

  add(script: Script): void {
    this.#waiting.push({ script, left: script.times ?? 1 });
  }

  next(request: SeenRequest): EmulatorResponse | undefined {
    const found = this.#waiting.find(({ script }) => matches(script, request));
    if (found === undefined) return undefined;
    found.left -= 1;
    this.#waiting = this.#waiting.filter(({ left }) => left > 0);
    return answerOf(found.script);
  }
}

function matches({ method, where }: Script, request: SeenRequest): boolean {
  return (method === undefined || method === request.method) && (where === undefined || where(request));
}

function answerOf({ status, body, headers = {} }: Script): EmulatorResponse {
  if (body === undefined) return { status, headers };
  if (typeof body !== 'string') return jsonText(status, JSON.stringify(body), headers);
  const type = body.trimStart().startsWith('<') ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8';
  return { status, headers: { 'content-type': type, ...headers }, body };
}
