import { empty, json, jsonText, refusal, type EmulatorResponse } from './response.ts';
import { connectionJson } from './connection-json.ts';
import type { Quirks } from './faults/faults.ts';
import { checkAgainst } from './field-rules.ts';
import { mappingOf } from './mapping.ts';
import { normalised } from './normalise.ts';
import type { ChangeRecord } from './oracle.ts';
import { checkCreate, checkUpdate } from './requests.ts';
import type { Route } from './route.ts';
import { createdConnection, updatedConnection, type Store } from './store.ts';
import { ENTITIES, type Stamp, type StoredConnection } from './wire.ts';

/** The dependencies of an operation. */
export interface EmulatorContext {
  readonly store: Store;
  readonly quirks: Quirks;
  /** Returns the connections that a list response shows. */
  readonly list: (entity: string) => readonly StoredConnection[];
  /** Called after every change to the store. */
  readonly changed: (op: ChangeRecord['op'], entity: string, id: string) => void;
  readonly organisation: string;
  readonly apiKeyId: string;
  readonly stamp: () => Stamp;
  /** Returns an id for a new connection whose create request has no id. */
  readonly newId: () => string;
}

/** Returns the request's JSON body, or an error response. Called only by operations that need a body. */
export type JsonBody = () => { readonly value: unknown } | { readonly refused: EmulatorResponse };

/** Runs the operation of a request: validates it, changes the store, and responds. It is atomic. */
export function runOperation(route: Route, body: JsonBody, context: EmulatorContext): EmulatorResponse {
  switch (route.operation) {
    case 'validateKey':
      return json(200, { valid: true });
    case 'validateKeyAndTellOrganisation':
      return answerOrganisation(context);
    default:
      return context.store.knows(route.entity) ? onEntity(route, body, context) : unknownEntity(route.entity);
  }
}

function onEntity(
  route: Extract<Route, { entity: string }>,
  body: JsonBody,
  context: EmulatorContext,
): EmulatorResponse {
  switch (route.operation) {
    case 'getMapping':
      return getMapping(route.entity, context);
    case 'listConnections':
      return listConnections(route.entity, context);
    case 'deleteConnection':
      return deleteConnection(route.entity, route.id, context);
    case 'createConnection':
    case 'updateConnection': {
      const read = body();
      if ('refused' in read) return read.refused;
      const write = route.operation === 'createConnection' ? createConnection : updateConnection;
      return write(route.entity, read.value, context);
    }
    default:
      return route satisfies never;
  }
}

function createConnection(
  entity: string,
  body: unknown,
  { store, stamp, newId, quirks, changed }: EmulatorContext,
): EmulatorResponse {
  const checked = checkCreate(body);
  if ('complaints' in checked) return refusal(400, checked.complaints);
  const { id = newId(), attributes } = checked.request;
  const connection = normalised(createdConnection(id, attributes, stamp()), quirks.normalise);
  if (store.get(entity, id) === undefined) {
    store.add(entity, connection);
    changed('created', entity, id);
    return empty(201);
  }
  const detail = `A connection ${JSON.stringify(id)} already exists for the entity ${entity}.`;
  switch (quirks.duplicates) {
    case 'conflict':
      return refusal(409, [{ detail, pointer: '/data/id' }]);
    case 'bad-request':
      return refusal(400, [{ detail, pointer: '/data/id' }]);
    case 'accept':
      store.add(entity, connection);
      changed('duplicate', entity, id);
      return empty(201);
    case 'overwrite':
      store.put(entity, connection);
      changed('overwrote', entity, id);
      return empty(201);
    default:
      return quirks.duplicates satisfies never;
  }
}

function updateConnection(
  entity: string,
  body: unknown,
  { store, stamp, quirks, changed }: EmulatorContext,
): EmulatorResponse {
  const checked = checkUpdate(body);
  if ('complaints' in checked) return refusal(400, checked.complaints);
  const { id } = checked.request;
  const connection = store.get(entity, id);
  if (connection === undefined) return unknownConnection(entity, id);
  const complaints = checkAgainst(connection, checked.request, quirks.put);
  if (complaints.length > 0) return refusal(400, complaints);
  store.put(entity, normalised(updatedConnection(connection, checked.request, stamp()), quirks.normalise));
  changed('updated', entity, id);
  return empty(200);
}

function deleteConnection(entity: string, id: string, { store, changed }: EmulatorContext): EmulatorResponse {
  if (!store.remove(entity, id)) return unknownConnection(entity, id);
  changed('deleted', entity, id);
  return empty(204);
}

function listConnections(entity: string, { list }: EmulatorContext): EmulatorResponse {
  const connections = list(entity).map(connectionJson).join(',');
  const id = 'list_connections_response';
  return jsonText(200, `{"data":{"id":"${id}","type":"${id}","attributes":{"connections":[${connections}]}}}`);
}

function getMapping(entity: string, { store }: EmulatorContext): EmulatorResponse {
  const attributes = mappingOf(entity, store.list(entity));
  const id = 'get_mappings_response';
  return json(200, { data: { id, type: id, attributes: { attributes } } });
}

function answerOrganisation({ organisation, apiKeyId }: EmulatorContext): EmulatorResponse {
  const attributes = { api_key_id: apiKeyId, api_key_scopes: [], valid: true };
  return json(200, { data: { id: organisation, type: 'validate_v2', attributes } });
}

function unknownEntity(entity: string): EmulatorResponse {
  const detail = `The entity ${JSON.stringify(entity)} does not exist; the entities are ${ENTITIES.join(' and ')}.`;
  return refusal(404, [{ detail }]);
}

function unknownConnection(entity: string, id: string): EmulatorResponse {
  return refusal(404, [{ detail: `The connection ${JSON.stringify(id)} does not exist for the entity ${entity}.` }]);
}
