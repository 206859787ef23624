import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalSpec } from '../../../src/core/canonical.ts';
import type { Field, Spec } from '../../../src/core/connection.ts';
import { editManifest } from '../../../src/files/manifest-text/edit.ts';
import { formatManifest } from '../../../src/files/manifest-text/format.ts';
import { printManifest } from '../../../src/files/manifest-text/print.ts';
import { readDocuments } from '../../../src/files/manifest-text/read.ts';
import { sizeOf } from '../../machinery/figures.ts';
import { besideSpec, commentsIn, hostileConnection, hostileSpec, loaded, saidBy, writtenManifest } from './samples.ts';

const RUNS = sizeOf('PROPERTIES', 100);

describe('a printed manifest', () => {
  test('reads back exactly as printed, in every reader', () => {
    fc.assert(
      fc.property(hostileConnection, (connection) => {
        const text = printManifest(connection, { schema: '../../schemas/connection.schema.json' });
        const { desired, warnings } = loaded(text);
        const { entity, id, spec, owner, protect = false } = connection;
        expect(desired).toMatchObject([{ entity, id, protect, ...(owner === undefined ? {} : { owner }) }]);
        expect(desired[0]?.spec).toEqual(spec);
        expect(warnings.filter(({ code }) => code === 'ambiguous-scalar')).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  test('is already formatted', () => {
    fc.assert(
      fc.property(hostileConnection, (connection) => {
        const text = printManifest(connection, {});
        expect(formatManifest(text, 'x.yaml')).toBe(text);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('formatting', () => {
  test('formatting changes no value, loses no comment, and is idempotent', () => {
    fc.assert(
      fc.property(writtenManifest, (text) => {
        const formatted = formatManifest(text, 'x.yaml');
        expect(saidBy(formatted)).toEqual(saidBy(text));
        expect(commentsIn(formatted)).toEqual(commentsIn(text));
        expect(formatManifest(formatted, 'x.yaml')).toBe(formatted);
        expect(formatted).not.toMatch(/\r|\uFEFF|[^\n]$|\n---\n\n/);
      }),
      { numRuns: RUNS },
    );
  });

  test('of JSON gives JSON, and formatting it is idempotent', () => {
    fc.assert(
      fc.property(hostileConnection, fc.constantFrom(undefined, 1, 2, '\t'), ({ entity, id, spec }, step) => {
        const text = jsonOf({ ...spec, id, entity }, step);
        const formatted = formatManifest(text, 'x.json');
        const { type, join_attribute, join_type, fields, metadata } = spec;
        const ordered = fields?.map(({ id, source_name, type, display_name, description, groups }) => {
          return { id, source_name, type, display_name, description, groups };
        });
        const value = { entity, id, type, join_attribute, join_type, fields: ordered, metadata };
        expect(JSON.stringify(JSON.parse(formatted))).toBe(JSON.stringify(value));
        expect(saidBy(formatted)).toEqual(saidBy(text));
        expect(formatManifest(formatted, 'x.json')).toBe(formatted);
      }),
      { numRuns: RUNS },
    );
  });
});

describe('an edit', () => {
  test('gives the document its new contents, and leaves every other byte of the file unchanged', () => {
    fc.assert(
      fc.property(writtenManifest, hostileSpec, fc.nat(), (text, other, pick) => {
        const before = loaded(text).desired;
        const index = pick % before.length;
        const from = before[index]?.spec ?? other;
        const to = between(from, other, pick);
        // An edit is rejected if a comment is indented too little for `yaml`.
        fc.pre(readDocuments(text) !== undefined);
        const edited = editManifest(text, index, from, to);
        const after = loaded(edited).desired;
        expect(after.map(({ spec }) => spec)).toEqual(before.map(({ spec }, at) => (at === index ? to : spec)));
        expect(besideSpec(edited)).toEqual(besideSpec(text));
        expect(others(edited, index)).toEqual(others(text, index));
        expect(editManifest(edited, index, to, to)).toBe(edited);
      }),
      { numRuns: RUNS },
    );
  });

  test('of JSON stays JSON', () => {
    fc.assert(
      fc.property(hostileConnection, hostileSpec, fc.constantFrom(undefined, 4), ({ spec, ...rest }, to, step) => {
        const text = jsonOf({ ...rest, owner: undefined, protect: undefined, ...spec }, step);
        const edited = editManifest(text, 0, spec, to);
        expect(JSON.parse(edited)).toMatchObject({ entity: rest.entity, id: rest.id, type: to.type });
        expect(loaded(edited).desired[0]?.spec).toEqual(to);
      }),
      { numRuns: RUNS },
    );
  });
});

/** Mixes two connections, so that little changes. */
function between(from: Spec, other: Spec, pick: number): Spec {
  const takes = (bit: number): boolean => ((pick >> bit) & 1) === 1;
  if (takes(0)) return other;
  const fields = (from.fields ?? []).flatMap((field, at): readonly Field[] => {
    const next = other.fields?.[at];
    if (takes(2 * at + 3) || next === undefined) return takes(2 * at + 5) ? [field] : [];
    const { display_name, description, groups } = next;
    const changed = takes(2 * at + 4) ? { display_name } : { description, groups };
    return [JSON.parse(JSON.stringify({ ...field, ...changed, ...(takes(2 * at + 6) ? { id: `new_${at}` } : {}) }))];
  });
  const added = takes(20) ? (other.fields ?? []).filter(({ id }) => fields.every((field) => field.id !== id)) : [];
  const { metadata } = takes(1) ? from : other;
  const joined = takes(2) ? from : { ...from, join_attribute: other.join_attribute };
  return canonicalSpec({ ...joined, fields: [...fields, ...added], metadata });
}

function others(text: string, index: number): readonly string[] {
  return text
    .split(/^---[^\n]*\n/m)
    .filter((part, at) => at !== index + (text.startsWith('---') ? 1 : 0) || part === '');
}

// A byte order mark in the middle of a file is an error.
function jsonOf(value: object, step: number | string | undefined): string {
  return JSON.stringify(value, null, step).replaceAll('\uFEFF', '\\ufeff');
}
