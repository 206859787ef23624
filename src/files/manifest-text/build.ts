import type { Field } from '../../core/connection.ts';
import { scalarOf } from './scalar.ts';
import type { Collection, Entry, TextNode, Scalar } from './tree.ts';

/** Returns a new entry of a tree, without comments and positions. */
export function entry(value: TextNode, name?: string): Entry {
  const named = name === undefined ? undefined : scalarOf(name, { name: true });
  return { name: named, value, before: [], blank: false, behind: undefined, start: -1 };
}

export function mapping(entries: readonly Entry[]): Collection {
  return { kind: 'mapping', flow: false, entries, commentsBelow: [], start: -1, end: -1, column: 0 };
}

export function sequence(items: readonly TextNode[]): Collection {
  const entries = items.map((item) => entry(item));
  return { kind: 'sequence', flow: false, entries, commentsBelow: [], start: -1, end: -1, column: 0 };
}

/** Returns a list of texts that is written in brackets. */
export function texts(values: readonly string[]): Collection {
  return { ...sequence(values.map((value) => scalarOf(value, { flow: true }))), flow: true };
}

export function fieldNode({ id, source_name, type, display_name, description, groups }: Field): Collection {
  return mapping([
    entry(scalarOf(id), 'id'),
    entry(scalarOf(source_name), 'source_name'),
    entry(scalarOf(type), 'type'),
    ...(display_name === undefined ? [] : [entry(scalarOf(display_name), 'display_name')]),
    ...(description === undefined ? [] : [entry(scalarOf(description), 'description')]),
    ...(groups === undefined || groups.length === 0 ? [] : [entry(texts(groups), 'groups')]),
  ]);
}

export function metadataNode(metadata: Readonly<Record<string, string>>): Collection {
  return mapping(Object.entries(metadata).map(([name, value]) => entry(scalarOf(value), name)));
}

/** A scalar with the value `true`, the only manifest value that is not text. */
export const TRUE: Scalar = { kind: 'scalar', style: 'plain', source: 'true', value: 'true', start: -1, end: -1 };
