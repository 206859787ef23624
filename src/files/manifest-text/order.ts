import type { Collection, Entry } from './tree.ts';

export const CONNECTION_ORDER = [
  'entity',
  'id',
  'type',
  'join_attribute',
  'join_type',
  'fields',
  'metadata',
  'connsync',
] as const;
export const FIELD_ORDER = ['id', 'source_name', 'type', 'display_name', 'description', 'groups'] as const;
const CONNSYNC_ORDER = ['protect', 'owner', 'allow', 'renamed_fields'] as const;

/**
 * Returns a manifest's root with its names in canonical order. Fields, metadata and renamed fields keep the order in
 * which they were written.
 */
export function inOrder(root: Collection): Collection {
  return sorted(
    withValues(root, (name, value) => {
      if (name === 'connsync') return sorted(value, CONNSYNC_ORDER);
      return name === 'fields' ? withValues(value, (_, field) => sorted(field, FIELD_ORDER)) : value;
    }),
    CONNECTION_ORDER,
  );
}

function withValues(
  whole: Collection,
  change: (name: string | undefined, value: Collection) => Collection,
): Collection {
  const changed = (each: Entry): Entry =>
    each.value.kind === 'scalar' ? each : { ...each, value: change(each.name?.value, each.value) };
  return { ...whole, entries: whole.entries.map(changed) };
}

function sorted(mapping: Collection, names: readonly string[]): Collection {
  return { ...mapping, entries: mapping.entries.toSorted((a, b) => rankOf(a, names) - rankOf(b, names)) };
}

/** Returns the position of an entry among these names, or a position after all of them. */
export function rankOf({ name }: Entry, names: readonly string[]): number {
  const rank = names.indexOf(name?.value ?? '');
  return rank < 0 ? names.length : rank;
}
