import { compact } from '../core/compact.ts';
import { canonicalSpec } from '../core/canonical.ts';
import { keyOf, type Field, type LiveConnection } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';

/**
 * Parses the response to GET …/connections. Datadog documents every member as optional, and unknown members may
 * appear. Anything that could make a connection look absent or different is a Failure `invalid-response`: a misread
 * list would recreate every connection, or delete it with `--prune`.
 */
export function parseList(entity: string, answer: unknown): readonly LiveConnection[] {
  const items = member(member(member(answer, 'data'), 'attributes'), 'connections');
  if (!Array.isArray(items)) throw unreadableList(entity, 'it has no data.attributes.connections list');
  const seen = new Set<string>();
  return items.map((item: unknown, index) => {
    const live = parseConnection(entity, item, new Reader(entity, `connections[${index}]`));
    if (seen.has(live.id)) throw unreadableList(entity, `the id ${JSON.stringify(live.id)} appears twice`);
    seen.add(live.id);
    return live;
  });
}

/**
 * Parses the response to GET …/mapping: the names of the custom attributes. Skips unexpected values, because no
 * decision depends on them.
 */
export function parseAttributes(answer: unknown): readonly string[] {
  const items = member(member(member(answer, 'data'), 'attributes'), 'attributes');
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown) => {
    const name = member(item, 'attribute');
    return member(item, 'is_custom') === true && typeof name === 'string' ? [name] : [];
  });
}

/** Parses the response to GET /api/v2/validate: the organisation's UUID, or undefined if there is none. */
export function parseOrganisation(answer: unknown): string | undefined {
  const id = member(member(answer, 'data'), 'id');
  return typeof id === 'string' && id !== '' && !NIL_UUID.test(id) ? id : undefined;
}

function parseConnection(entity: string, item: unknown, reader: Reader): LiveConnection {
  const id = reader.text(item, 'id');
  if (id === '') throw unreadableList(entity, `${reader.place}.id is empty`);
  const join = reader.inside('join');
  const spec = canonicalSpec({
    type: reader.text(item, 'type'),
    join_attribute: join.text(member(item, 'join'), 'attribute'),
    join_type: join.text(member(item, 'join'), 'type'),
    fields: parseFields(item, reader),
    metadata: parseMetadata(item, reader),
  });
  const createdAt = timeOf(member(item, 'created_at'));
  const createdBy = authorOf(member(item, 'created_by'));
  const updatedAt = timeOf(member(item, 'updated_at'));
  const updatedBy = authorOf(member(item, 'updated_by'));
  return {
    key: keyOf(entity, id),
    entity,
    id,
    spec,
    ...compact({ createdAt, createdBy, updatedAt, updatedBy }),
  };
}

function parseFields(item: unknown, reader: Reader): readonly Field[] | undefined {
  const seen = new Set<string>();
  return reader.list(item, 'fields')?.map((field, index): Field => {
    const within = reader.inside(`fields[${index}]`);
    const id = within.text(field, 'id');
    if (seen.has(id)) throw within.unreadableList(`repeats the id ${JSON.stringify(id)} of an earlier field`);
    seen.add(id);
    const display_name = within.optionalText(field, 'display_name');
    const description = within.optionalText(field, 'description');
    const groups = within.list(field, 'groups')?.map((group) => within.isText(group, 'groups'));
    return {
      id,
      source_name: within.text(field, 'source_name'),
      type: within.text(field, 'type'),
      ...compact({ display_name, description, groups }),
    };
  });
}

function parseMetadata(item: unknown, reader: Reader): Readonly<Record<string, string>> | undefined {
  const metadata = member(item, 'metadata');
  if (metadata === undefined || metadata === null) return undefined;
  if (typeof metadata !== 'object' || Array.isArray(metadata))
    throw reader.unreadableList('has invalid metadata: it must be a map');
  const set = Object.entries(metadata).filter(([, value]: [string, unknown]) => value !== null);
  return Object.fromEntries(set.map(([name, value]) => [name, reader.isText(value, 'metadata')]));
}

// Datadog's own example has times in the year 0001 and an all-zero author, which both mean unknown.
function timeOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !value.startsWith('0001-') ? value : undefined;
}

function authorOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && !NIL_UUID.test(value) ? value : undefined;
}

const NIL_UUID = /^[0-]+$/;

/** Reads members of one object of the response. Its errors name the path of the object. */
class Reader {
  readonly #entity: string;
  readonly place: string;

  constructor(entity: string, place: string) {
    this.#entity = entity;
    this.place = place;
  }

  inside(name: string): Reader {
    return new Reader(this.#entity, `${this.place}.${name}`);
  }

  text(from: unknown, name: string): string {
    return this.isText(member(from, name), name);
  }

  /** Returns an optional text, or undefined if it is missing or null. */
  optionalText(from: unknown, name: string): string | undefined {
    const value = member(from, name);
    return value === undefined || value === null ? undefined : this.isText(value, name);
  }

  list(from: unknown, name: string): readonly unknown[] | undefined {
    const value = member(from, name);
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw this.unreadableList(`has an invalid ${name}: it must be a list`);
    return value;
  }

  isText(value: unknown, name: string): string {
    if (typeof value !== 'string') throw this.unreadableList(`has an invalid ${name}: it must be text`);
    return value;
  }

  unreadableList(what: string): Failure {
    return unreadableList(this.#entity, `${this.place} ${what}`);
  }
}

function unreadableList(entity: string, what: string): Failure {
  return new Failure('invalid-response', `connsync can't parse Datadog's list of connections of ${entity}: ${what}`, {
    hint: "run the command again; if the error persists, update connsync: this version does not support the API's response",
  });
}

// Returns a member of a JSON object. Only own members count, so that names like `constructor` don't match inherited
// ones.
function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name))
    return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
