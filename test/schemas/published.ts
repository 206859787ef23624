import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { Ajv2019 } from 'ajv/dist/2019.js';

/** Branches about a value that is described elsewhere. They are left open. */
const BRANCHES = new Set(['allOf', 'if', 'then', 'else']);

const NAMES = ['validate', 'lockfile', 'plan', 'drift', 'events'] as const;
export type Published = (typeof NAMES)[number];

/** Returns the schema's complaints about a value as `/path what`, or an empty list. */
export type Complaints = (name: Published, value: unknown) => readonly string[];

/** The schemas as published. They allow undescribed members, because a newer connsync may add some. */
export const complaints: Complaints = compile(new Ajv({ strict: true, allErrors: true }), (schema) => schema);

/**
 * The same schemas, but closed: an undescribed member is a complaint. connsync's output has to pass them, so that
 * every new member gets a description.
 */
export const undescribed: Complaints = compile(
  new Ajv2019({ strict: true, strictTypes: false, allErrors: true }),
  (schema) => sealed(closed({ ...schema, $schema: 'https://json-schema.org/draft/2019-09/schema' })),
);

function compile(ajv: Ajv | Ajv2019, prepare: (schema: JsonObject) => JsonObject): Complaints {
  for (const name of NAMES) ajv.addSchema(prepare(readSchema(name)), `${name}.schema.json`);
  return (name, value) => {
    const check = ajv.getSchema(`${name}.schema.json`);
    if (check === undefined) throw new Error(`there is no schema ${name}`);
    return check(value) === true ? [] : (check.errors ?? []).map(formatError);
  };
}

type JsonObject = Readonly<Record<string, unknown>>;

function readSchema(name: Published): JsonObject {
  return JSON.parse(
    readFileSync(join(import.meta.dirname, '../../schemas', `${name}.schema.json`), 'utf8'),
  ) as JsonObject;
}

function formatError({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`;
}

/** Closes every schema that describes a value of its own: those below `properties` and `items`. */
function closed(schema: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(schema).map(([word, member]) => {
      if (BRANCHES.has(word)) return [word, member];
      if (word === 'properties' && isObject(member))
        return [word, Object.fromEntries(Object.entries(member).map(([name, each]) => [name, sealedValue(each)]))];
      return [word, word === 'items' ? sealedValue(member) : closedValue(member)];
    }),
  );
}

function closedValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closedValue);
  return isObject(value) ? closed(value) : value;
}

function sealedValue(value: unknown): unknown {
  return isObject(value) ? sealed(closed(value)) : value;
}

function sealed(schema: JsonObject): JsonObject {
  return { ...schema, unevaluatedProperties: false };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
