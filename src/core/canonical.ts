import { byCodeUnit, type Field, type Spec } from './connection.ts';

/**
 * The attributes of a connection before canonicalisation: fields may be in any order, and members may be unset or
 * empty.
 */
export interface LooseSpec {
  readonly type: string;
  readonly join_attribute: string;
  readonly join_type: string;
  readonly fields?: readonly Field[] | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * Returns the canonical form of a connection, used for comparison, lockfile, digests and checksum. Members are sorted
 * by name and fields by id; groups keep their order; unset members and empty lists and maps are left out. Members
 * that connsync doesn't know are also left out, so that additions by the server never cause a difference.
 */
export function canonicalSpec(spec: LooseSpec): Spec {
  const { fields, metadata } = spec;
  const names = metadata === undefined ? [] : Object.keys(metadata);
  return {
    ...(fields !== undefined && fields.length > 0 ? { fields: canonicalFields(fields) } : {}),
    join_attribute: spec.join_attribute,
    join_type: spec.join_type,
    ...(metadata !== undefined && names.length > 0 ? { metadata: sortedMap(metadata, names) } : {}),
    type: spec.type,
  };
}

function canonicalFields(fields: readonly Field[]): readonly Field[] {
  const all = fields.map(canonicalField);
  return all.length > 1 ? all.sort((a, b) => byCodeUnit(a.id, b.id)) : all;
}

/** Returns a field with its members sorted and without unset members. */
export function canonicalField(field: Field): Field {
  // Assigns each member, because this function runs for every field and object spreads take three times as long.
  const sorted: { -readonly [member in keyof Field]?: Field[member] } = {};
  if (field.description !== undefined) sorted.description = field.description;
  if (field.display_name !== undefined) sorted.display_name = field.display_name;
  if (field.groups !== undefined && field.groups.length > 0) sorted.groups = field.groups;
  sorted.id = field.id;
  sorted.source_name = field.source_name;
  sorted.type = field.type;
  return sorted as Field;
}

// Uses `Object.fromEntries`, which defines own properties, so a metadata name such as `__proto__` can't set the
// prototype.
function sortedMap(map: Readonly<Record<string, string>>, names: string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.sort(byCodeUnit).map((name) => [name, map[name] ?? '']));
}

/**
 * Returns JSON with members sorted by name and no whitespace, so that equal values give equal bytes on every machine.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  const object = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const name of sortedNames(object)) {
    if (object[name] !== undefined)
      text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(object[name])}`;
  }
  return `{${text}}`;
}

/** Returns the sorted names of an object's members. Checks the order first, because most objects are already sorted. */
function sortedNames(object: Readonly<Record<string, unknown>>): readonly string[] {
  const names = Object.keys(object);
  return names.every((name, index) => index === 0 || (names[index - 1] ?? '') < name) ? names : names.sort(byCodeUnit);
}
