import type { Spec } from '../../core/connection.ts';
import { entry, fieldNode, mapping, metadataNode, sequence, TRUE } from './build.ts';
import { scalarOf } from './scalar.ts';
import type { Comment, Document, Entry } from './tree.ts';
import { writeDocuments } from './write.ts';

/** The contents of a manifest to print. */
export interface Printed {
  readonly entity: string;
  readonly id: string;
  readonly spec: Spec;
  readonly owner?: string;
  readonly protect?: boolean;
}

/**
 * Returns a manifest as a person would write it: the schema comment at the top (`schema` is a path or URL), names in
 * canonical order, and quotes only where some YAML reader needs them. `fmt` leaves the result unchanged.
 */
export function printManifest(connection: Printed, { schema }: { readonly schema?: string }): string {
  const { entity, id, spec } = connection;
  const { fields = [], metadata = {} } = spec;
  const ours = oursOf(connection);
  const root = mapping([
    entry(scalarOf(entity), 'entity'),
    entry(scalarOf(id), 'id'),
    entry(scalarOf(spec.type), 'type'),
    entry(scalarOf(spec.join_attribute), 'join_attribute'),
    entry(scalarOf(spec.join_type), 'join_type'),
    ...(fields.length === 0 ? [] : [entry(sequence(fields.map(fieldNode)), 'fields')]),
    ...(Object.keys(metadata).length === 0 ? [] : [entry(metadataNode(metadata), 'metadata')]),
    ...(ours.length === 0 ? [] : [entry(mapping(ours), 'connsync')]),
  ]);
  return writeDocuments([{ ...BARE, head: schema === undefined ? [] : [schemaComment(schema)], root }]);
}

const BARE: Omit<Document, 'root'> = {
  directives: [],
  prelude: [],
  marked: false,
  behindMarker: undefined,
  head: [],
  gap: false,
};

function oursOf({ protect, owner }: Printed): readonly Entry[] {
  return [
    ...(protect === true ? [entry(TRUE, 'protect')] : []),
    ...(owner === undefined ? [] : [entry(scalarOf(owner), 'owner')]),
  ];
}

function schemaComment(schema: string): Comment {
  return { text: `# yaml-language-server: $schema=${schema}`, start: -1, column: 0, own: true, blank: false };
}
