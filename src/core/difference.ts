import { compact } from './compact.ts';
import { canonicalField, canonicalJson, canonicalSpec } from './canonical.ts';
import type { Field, Spec } from './connection.ts';

/** Members of a field that an update can change in place. */
const UPDATABLE_MEMBERS = ['display_name', 'description', 'groups'] as const;
/** Members that bind a field to its column. To change them, the field must be removed and added again. */
const COLUMN_MEMBERS = ['source_name', 'type'] as const;
/** Members of a connection that no update can change. */
const FIXED_MEMBERS = ['type', 'join_attribute', 'join_type'] as const;

type FieldMember = (typeof UPDATABLE_MEMBERS)[number] | (typeof COLUMN_MEMBERS)[number];

/** Where a change comes from. `git`: the manifest differs from the record. `drift`: only Datadog's value differs. */
export type Cause = 'git' | 'drift';

/** One difference between two specs. `from` is the current value and `to` the new one; undefined means unset. */
export type Difference = { readonly cause: Cause } & (
  | {
      readonly leaf: 'member';
      readonly name: (typeof FIXED_MEMBERS)[number];
      readonly from: string;
      readonly to: string;
    }
  | { readonly leaf: 'metadata'; readonly name: string; readonly from?: string; readonly to?: string }
  | { readonly leaf: 'field'; readonly id: string; readonly from?: Field; readonly to?: Field }
  | {
      readonly leaf: 'field-member';
      readonly id: string;
      readonly name: FieldMember;
      readonly from?: Value;
      readonly to?: Value;
    }
  | { readonly leaf: 'rename'; readonly from: string; readonly to: string }
);

export type Value = string | readonly string[];

/**
 * Compares three specs and returns the changes to `live` that set the values of `desired` and clear the values that are
 * in `recorded` but no longer in `desired`.
 *
 * | desired | recorded | live            | difference                                          |
 * | ------- | -------- | --------------- | --------------------------------------------------- |
 * | set     | any      | equal           | none                                                |
 * | set     | equal    | differs         | cause drift: only live changed                      |
 * | set     | differs  | differs         | cause git                                           |
 * | unset   | set      | set             | cleared, cause git                                  |
 * | unset   | unset    | set             | none: not managed, or the server's default          |
 *
 * Without `recorded` (a takeover, or conflicting records), every difference has the cause git.
 */
export function differences(desired: Spec, recorded: Spec | undefined, live: Spec): readonly Difference[] {
  return [
    ...memberDifferences(desired, recorded, live),
    ...metadataDifferences(desired, recorded, live),
    ...fieldDifferences(desired, recorded, live),
  ];
}

function memberDifferences(desired: Spec, recorded: Spec | undefined, live: Spec): readonly Difference[] {
  return FIXED_MEMBERS.flatMap((name): Difference | [] => {
    if (desired[name] === live[name]) return [];
    return {
      leaf: 'member',
      name,
      from: live[name],
      to: desired[name],
      cause: causeOf(desired[name], recorded?.[name]),
    };
  });
}

function metadataDifferences(desired: Spec, recorded: Spec | undefined, live: Spec): readonly Difference[] {
  const names = union(keysOf(desired.metadata), keysOf(recorded?.metadata));
  return names.flatMap((name): Difference | [] => {
    const to = memberOf(desired.metadata, name);
    const from = memberOf(live.metadata, name);
    if (from === to) return [];
    const cause = causeOf(to, memberOf(recorded?.metadata, name));
    return {
      leaf: 'metadata',
      name,
      ...compact({ from, to }),
      cause,
    };
  });
}

function fieldDifferences(desired: Spec, recorded: Spec | undefined, live: Spec): readonly Difference[] {
  const desiredFields = fieldsOf(desired);
  const recordedFields = fieldsOf(recorded);
  const liveFields = fieldsOf(live);
  return union([...desiredFields.keys()], [...recordedFields.keys()]).flatMap((id): readonly Difference[] => {
    const to = desiredFields.get(id);
    const before = recordedFields.get(id);
    const from = liveFields.get(id);
    if (to === undefined) return from === undefined ? [] : [{ leaf: 'field', id, from, cause: 'git' }];
    if (from === undefined)
      return [{ leaf: 'field', id, to, cause: causeOf(canonicalJson(to), before && canonicalJson(before)) }];
    return withinField(id, to, before, from);
  });
}

function withinField(id: string, to: Field, before: Field | undefined, from: Field): readonly Difference[] {
  return [...COLUMN_MEMBERS, ...UPDATABLE_MEMBERS].flatMap((name): Difference | [] => {
    const target = to[name] ?? (before?.[name] === undefined ? from[name] : undefined);
    if (sameValue(target, from[name])) return [];
    return {
      leaf: 'field-member',
      id,
      name,
      ...compact({ from: from[name], to: target }),
      cause: sameValue(to[name], before?.[name]) && before !== undefined ? 'drift' : 'git',
    };
  });
}

/** Returns the fields that are in Datadog but in neither manifest nor record. connsync doesn't manage such fields. */
export function liveOnlyFields(desired: Spec | undefined, recorded: Spec | undefined, live: Spec): readonly Field[] {
  const desiredFields = fieldsOf(desired);
  const recordedFields = fieldsOf(recorded);
  return (live.fields ?? []).filter(({ id }) => !desiredFields.has(id) && !recordedFields.has(id));
}

/** Returns the spec with the differences applied. Applying the reversed differences restores the original. */
export function applyDifferences(spec: Spec, list: readonly Difference[]): Spec {
  const members: Record<(typeof FIXED_MEMBERS)[number], string> = {
    type: spec.type,
    join_attribute: spec.join_attribute,
    join_type: spec.join_type,
  };
  const metadata = new Map(Object.entries(spec.metadata ?? {}));
  const fields = new Map((spec.fields ?? []).map((field) => [field.id, field]));
  for (const difference of list) {
    switch (difference.leaf) {
      case 'member':
        members[difference.name] = difference.to;
        break;
      case 'metadata':
        if (difference.to === undefined) metadata.delete(difference.name);
        else metadata.set(difference.name, difference.to);
        break;
      case 'field':
        if (difference.to === undefined) fields.delete(difference.id);
        else fields.set(difference.id, difference.to);
        break;
      case 'field-member': {
        const field = fields.get(difference.id);
        if (field !== undefined) fields.set(difference.id, withMember(field, difference.name, difference.to));
        break;
      }
      case 'rename': {
        const field = fields.get(difference.from);
        fields.delete(difference.from);
        if (field !== undefined) fields.set(difference.to, { ...field, id: difference.to });
        break;
      }
      default:
        difference satisfies never;
    }
  }
  return canonicalSpec({ ...members, fields: [...fields.values()], metadata: Object.fromEntries(metadata) });
}

/** Returns the difference in the opposite direction. */
export function reverse(difference: Difference): Difference {
  const { from, to, ...rest } = difference;
  return {
    ...rest,
    ...compact({ from: to, to: from }),
  } as Difference;
}

/** Returns the path of a difference as plans show it, such as `fields[plan].display_name`. */
export function pathOf(difference: Difference): string {
  switch (difference.leaf) {
    case 'member':
      return difference.name;
    case 'metadata':
      return `metadata.${difference.name}`;
    case 'field':
      return `fields[${difference.id}]`;
    case 'field-member':
      return `fields[${difference.id}].${difference.name}`;
    case 'rename':
      return `fields[${difference.from}].id`;
    default:
      return difference satisfies never;
  }
}

/** Returns the changed members that force a replace, in the order of a manifest. Empty if an update is enough. */
export function replaceReasons(list: readonly Difference[]): readonly string[] {
  const names = new Set(
    list.flatMap((difference) =>
      difference.leaf === 'member' ? [difference.name as string] : difference.leaf === 'metadata' ? ['metadata'] : [],
    ),
  );
  return [...FIXED_MEMBERS, 'metadata'].filter((name) => names.has(name));
}

/** Returns the fields of a spec by id. */
export function fieldsOf(spec: Spec | undefined): ReadonlyMap<string, Field> {
  return new Map((spec?.fields ?? []).map((field) => [field.id, field]));
}

/**
 * Returns whether two values are equal. An unset value equals an empty text, because the server decides whether `""`
 * clears a value or is stored.
 */
function sameValue(a: Value = '', b: Value = ''): boolean {
  return a === b || (typeof a !== 'string' && typeof b !== 'string' && canonicalJson(a) === canonicalJson(b));
}

function withMember(field: Field, name: FieldMember, value: Value | undefined): Field {
  const { [name]: _, ...rest } = field;
  return canonicalField((value === undefined ? rest : { ...rest, [name]: value }) as Field);
}

function causeOf(desired: string | undefined, recorded: string | undefined): Cause {
  return recorded !== undefined && desired === recorded ? 'drift' : 'git';
}

function keysOf(map: Readonly<Record<string, string>> | undefined): readonly string[] {
  return map === undefined ? [] : Object.keys(map);
}

function memberOf(map: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}

function union(a: readonly string[], b: readonly string[]): readonly string[] {
  return b.length === 0 ? a : [...new Set([...a, ...b])];
}
