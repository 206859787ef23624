import { keyOf, type Key } from '../../src/core/connection.ts';
import type { Announce, Answer, ConnectionsApi } from '../../src/core/ports.ts';
import { createBody, updateBody } from '../../src/core/wire/bodies.ts';
import { listEndpoint, mappingEndpoint, writeEndpoint } from '../../src/core/wire/endpoints.ts';
import { parseAttributes, parseList } from '../../src/datadog/wire.ts';
import { behave } from '../../src/emulator/behaviour.ts';
import { uiEdits } from '../../src/emulator/ui-edits.ts';
import { Later } from '../../src/emulator/faults/inject-fault.ts';
import { answerTo } from '../../src/emulator/pipeline.ts';
import { Scripts } from '../../src/emulator/scripted.ts';
import { Store } from '../../src/emulator/store.ts';

const HEADERS = { 'dd-api-key': 'key', 'dd-application-key': 'key', 'content-type': 'application/json' };

interface Write {
  readonly path: string | undefined;
  readonly key: Key;
  readonly body?: object;
  readonly announce: Announce | undefined;
}

/**
 * The emulator's whole pipeline and a client, without a network between them, because thousands of sequences need the
 * speed.
 */
export class Datadog {
  readonly store = new Store();
  readonly clicks = uiEdits(
    this.store,
    (by) => ({ at: '2026-01-01T00:00:00.000Z', by }),
    () => undefined,
  );
  readonly writes: { readonly method: string; readonly key: Key }[] = [];
  readonly #behaviour = behave({}, this.store, () => 0);
  readonly #stages = {
    limitRate: undefined,
    scripts: new Scripts(),
    behaviour: () => this.#behaviour,
    later: new Later(),
    contextOf: () => ({
      store: this.store,
      ...this.#behaviour,
      organisation: 'org',
      apiKeyId: 'key',
      stamp: () => ({ at: '2026-01-01T00:00:00.000Z', by: 'ci' }),
      newId: () => 'id',
      changed: () => undefined,
    }),
    save: async (): Promise<void> => undefined,
  };

  get api(): ConnectionsApi {
    return {
      organisation: async () => 'org',
      list: async (entity) => parseList(entity, JSON.parse(await this.#get(listEndpoint(entity)?.path))),
      attributes: async (entity) => parseAttributes(JSON.parse(await this.#get(mappingEndpoint(entity)?.path))),
      create: async (to, _, announce) =>
        this.#write('POST', {
          path: writeEndpoint('create', to)?.path,
          key: keyOf(to.entity, to.id),
          body: createBody(to),
          announce,
        }),
      update: async (to, _, announce) =>
        this.#write('PUT', {
          path: writeEndpoint('update', to)?.path,
          key: keyOf(to.entity, to.id),
          body: updateBody(to),
          announce,
        }),
      remove: async (to, _, announce) =>
        this.#write('DELETE', { path: writeEndpoint('remove', to)?.path, key: keyOf(to.entity, to.id), announce }),
    };
  }

  async #get(path = ''): Promise<string> {
    const { status, body = '' } = await this.#send('GET', path);
    if (status !== 200) throw new Error(`${status} to GET ${path}`);
    return body;
  }

  async #write(method: string, { path, key, body, announce }: Write): Promise<Answer> {
    await announce?.();
    this.writes.push({ method, key });
    const { status, body: text = '' } = await this.#send(method, path ?? '', body);
    if (status < 300) return { kind: 'done', attempts: 1 };
    const kind = status === 409 ? 'exists' : status === 404 ? 'missing' : 'refused';
    return { kind, attempts: 1, error: { status, method, path: path ?? '', message: text } };
  }

  async #send(method: string, path: string, json?: object): ReturnType<typeof answerTo> {
    const seen = { id: 'request', method, path, status: 0, headers: Object.keys(HEADERS), startedAt: 0 };
    const body = json === undefined ? ('none' as const) : { bytes: Buffer.from(JSON.stringify(json)) };
    return answerTo({ seen, headers: HEADERS, body, text: json === undefined ? undefined : { json } }, this.#stages);
  }
}
