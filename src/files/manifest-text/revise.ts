import type { Field, Spec } from '../../core/connection.ts';
import { entry, fieldNode, sequence, texts } from './build.ts';
import { CONNECTION_ORDER, FIELD_ORDER, rankOf } from './order.ts';
import { rewritten, scalarOf } from './scalar.ts';
import { memberOf, type Collection, type Entry, type TextNode } from './tree.ts';

/**
 * Returns a manifest's tree with the differences between `from` and `to` applied. Unchanged nodes stay the same
 * objects, and changed ones refer to their originals. Values that were edited after `from` was read stay as they are.
 */
export function revise(root: Collection, from: Spec, to: Spec): Collection {
  const oldFields = collectionAt(root, 'fields');
  const oldMetadata = collectionAt(root, 'metadata');
  const inTexts = (['type', 'join_attribute', 'join_type'] as const).reduce(
    (tree, name) => withText(tree, CONNECTION_ORDER, name, { from: from[name], to: to[name] }),
    root,
  );
  const inFields = withMember(
    inTexts,
    CONNECTION_ORDER,
    'fields',
    reviseFields(oldFields, from.fields ?? [], to.fields ?? []),
  );
  const metadata = reviseMetadata(oldMetadata, membersOf(from.metadata), membersOf(to.metadata));
  return withMember(inFields, CONNECTION_ORDER, 'metadata', metadata);
}

function reviseFields(
  old: Collection | undefined,
  from: readonly Field[],
  to: readonly Field[],
): Collection | undefined {
  const before = new Map(from.map((field) => [field.id, field]));
  const after = new Map(to.map((field) => [field.id, field]));
  const renamed = renames(before, after);
  const remaining = (old?.entries ?? []).flatMap((item) => {
    const id = textAt(item.value, 'id') ?? '';
    const was = before.get(id);
    const is = after.get(renamed.get(id) ?? id);
    if (was === undefined || item.value.kind === 'scalar') return [item];
    return is === undefined ? [] : [withValue(item, reviseField(item.value, was, is))];
  });
  const present = new Set(remaining.map(({ value }) => textAt(value, 'id')));
  const added = to.filter(({ id }) => !before.has(id) && !present.has(id));
  return withEntries(old ?? sequence([]), [...remaining, ...added.map((field) => entry(fieldNode(field)))]);
}

/**
 * Returns the new id of each field whose id changed: exactly one removed field and one added field have the same
 * `source_name` and `type`.
 */
function renames(before: ReadonlyMap<string, Field>, after: ReadonlyMap<string, Field>): ReadonlyMap<string, string> {
  const removed = [...before.values()].filter(({ id }) => !after.has(id));
  const made = [...after.values()].filter(({ id }) => !before.has(id));
  return new Map(
    removed.flatMap((old) => {
      const [next, ...candidates] = made.filter((field) => isSameColumn(field, old));
      const isClear = candidates.length === 0 && removed.every((field) => field === old || !isSameColumn(field, old));
      return next !== undefined && isClear ? [[old.id, next.id] as const] : [];
    }),
  );
}

function isSameColumn(a: Field, b: Field): boolean {
  return a.source_name === b.source_name && a.type === b.type;
}

function reviseField(field: Collection, from: Field, to: Field): Collection {
  const inTexts = (['id', 'source_name', 'type', 'display_name', 'description'] as const).reduce(
    (tree, name) => withText(tree, FIELD_ORDER, name, { from: from[name], to: to[name] }),
    field,
  );
  const groups = to.groups ?? [];
  if (JSON.stringify(from.groups ?? []) === JSON.stringify(groups)) return inTexts;
  return withMember(inTexts, FIELD_ORDER, 'groups', reviseGroups(collectionAt(field, 'groups'), groups));
}

// Returns the revised list of groups. Comments stay with their group when it moves.
function reviseGroups(old: Collection | undefined, groups: readonly string[]): Collection | undefined {
  if (old === undefined) return groups.length === 0 ? undefined : texts(groups);
  const unused = [...old.entries];
  const entries = groups.map((group) => {
    const at = unused.findIndex(({ value }) => value.kind === 'scalar' && value.value === group);
    const [reused] = at < 0 ? [] : unused.splice(at, 1);
    return reused ?? entry(scalarOf(group, { flow: true }));
  });
  return withEntries(old, entries);
}

function reviseMetadata(
  old: Collection | undefined,
  from: ReadonlyMap<string, string>,
  to: ReadonlyMap<string, string>,
): Collection | undefined {
  const remaining = (old?.entries ?? []).flatMap((member) => {
    const name = member.name?.value ?? '';
    const value = to.get(name);
    if (from.get(name) === value || member.value.kind !== 'scalar') return [member];
    return value === undefined ? [] : [withValue(member, rewritten(member.value, value))];
  });
  const present = new Set(remaining.map(({ name }) => name?.value));
  const added = [...to].filter(([name]) => !from.has(name) && !present.has(name));
  const entries = [...remaining, ...added.map(([name, value]) => entry(scalarOf(value), name))];
  return withEntries(old ?? { ...sequence([]), kind: 'mapping' }, entries);
}

/** Returns the original collection if nothing in it changed, or undefined if the result would be empty. */
function withEntries(old: Collection, entries: readonly Entry[]): Collection | undefined {
  if (entries.length === old.entries.length && entries.every((each, index) => each === old.entries[index])) {
    return old.start < 0 ? undefined : old;
  }
  return entries.length === 0 ? undefined : { ...old, entries };
}

function withText(
  mapping: Collection,
  names: readonly string[],
  name: string,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
): Collection {
  if (from === to) return mapping;
  const old = memberOf(mapping, name)?.value;
  const value = to === undefined ? undefined : old?.kind === 'scalar' ? rewritten(old, to) : scalarOf(to);
  return withMember(mapping, names, name, value);
}

/** Sets the value of a name, or removes the name without one. A new name is inserted in canonical order. */
function withMember(
  mapping: Collection,
  names: readonly string[],
  name: string,
  value: TextNode | undefined,
): Collection {
  const old = memberOf(mapping, name);
  if (old?.value === value) return mapping;
  if (value === undefined) return { ...mapping, entries: mapping.entries.filter((each) => each !== old) };
  if (old !== undefined) {
    return { ...mapping, entries: mapping.entries.map((each) => (each === old ? withValue(old, value) : each)) };
  }
  const made = entry(value, name);
  const at = mapping.entries.findLastIndex((each) => rankOf(each, names) < rankOf(made, names)) + 1;
  return { ...mapping, entries: mapping.entries.toSpliced(at, 0, made) };
}

function withValue(old: Entry, value: TextNode): Entry {
  return value === old.value ? old : { ...old, value, was: old.was ?? old };
}

function collectionAt(mapping: Collection, name: string): Collection | undefined {
  const value = memberOf(mapping, name)?.value;
  return value?.kind === 'scalar' ? undefined : value;
}

function textAt(node: TextNode, name: string): string | undefined {
  if (node.kind === 'scalar') return undefined;
  const value = memberOf(node, name)?.value;
  return value?.kind === 'scalar' ? value.value : undefined;
}

function membersOf(metadata: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> {
  return new Map(Object.entries(metadata ?? {}));
}
