import type { Field, Spec } from '../core/connection.ts';
import { fieldsOf, pathOf } from '../core/difference.ts';
import type { Cause, Change } from '../core/plan.ts';
import type { PageValue, PageView } from './document.ts';

export type Specs = Readonly<Partial<Record<PageView, Spec>>>;

const MEMBERS = ['type', 'join_attribute', 'join_type'] as const;
const FIELD_MEMBERS = ['source_name', 'type', 'display_name', 'description', 'groups'] as const;

/** A connection as it is in Git, in the lockfile or in Datadog. */
interface View {
  readonly side: PageView;
  readonly spec: Spec;
  readonly fields: ReadonlyMap<string, Field>;
}

type Value = string | readonly string[] | undefined;

/**
 * Returns every value of a connection, with its text in Git, the lockfile and Datadog. `changes` says on which side
 * each value was changed; a difference without an entry in `changes` needs no action.
 */
export function valuesOf(
  specs: Specs,
  changes: readonly Change[],
  sanitize: (text: string) => string,
): readonly PageValue[] {
  const causes = causesOf(changes);
  const views = viewsOf(specs);
  const value = (
    about: Pick<PageValue, 'field' | 'metadata' | 'name'>,
    paths: readonly string[],
    read: (view: View) => Value,
  ): PageValue => {
    const values = views.map((view) => [view.side, displayedValue(read(view), sanitize)] as const);
    const [, first] = values[0] ?? [];
    if (first !== undefined && values.every(([, text]) => text === first)) return { ...about, same: first };
    const shown = Object.fromEntries(values.filter(([, text]) => text !== undefined));
    return {
      ...about,
      ...shown,
      cause: paths.map((path) => causes.get(path)).find((cause) => cause !== undefined) ?? 'none',
    };
  };
  return [
    ...MEMBERS.map((name) => value({ name }, [name], ({ spec }) => spec[name])),
    ...namesIn(views, ({ spec }) => Object.keys(spec.metadata ?? {})).map((name) =>
      value({ metadata: true, name: sanitize(name) }, [`metadata.${name}`], ({ spec }) =>
        ownMember(spec.metadata, name),
      ),
    ),
    ...namesIn(views, ({ fields }) => [...fields.keys()]).flatMap((id) =>
      FIELD_MEMBERS.filter((name) => views.some(({ fields }) => fields.get(id)?.[name] !== undefined)).map((name) =>
        value(
          { field: sanitize(id), name },
          [`${fieldPath(id)}.${name}`, fieldPath(id)],
          ({ fields }) => fields.get(id)?.[name],
        ),
      ),
    ),
  ];
}

function viewsOf({ git, lockfile, live }: Specs): readonly View[] {
  const all: readonly (readonly [PageView, Spec | undefined])[] = [
    ['git', git],
    ['lockfile', lockfile],
    ['live', live],
  ];
  return all.flatMap(([side, spec]) => (spec === undefined ? [] : [{ side, spec, fields: fieldsOf(spec) }]));
}

/**
 * Returns the cause of each change by path. The cause of a whole field applies to all its members, and the cause of a
 * rename applies to the old and the new field.
 */
function causesOf(changes: readonly Change[]): ReadonlyMap<string, Cause> {
  const causes = new Map<string, Cause>();
  for (const change of changes) {
    const { cause } = change;
    causes.set(pathOf(change), cause);
    if (change.leaf !== 'rename') continue;
    for (const id of [change.from, change.to]) causes.set(fieldPath(id), cause);
  }
  return causes;
}

function fieldPath(id: string): string {
  return `fields[${id}]`;
}

function displayedValue(value: Value, sanitize: (text: string) => string): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'string') return `[${value.map(sanitize).join(', ')}]`;
  return value === '' ? '""' : sanitize(value);
}

function ownMember(map: Spec['metadata'], name: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, name) ? map[name] : undefined;
}

function namesIn(views: readonly View[], read: (view: View) => readonly string[]): readonly string[] {
  return [...new Set(views.flatMap(read))];
}
