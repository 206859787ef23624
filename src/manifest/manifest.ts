import type { ErrorObject } from 'ajv';
import { canonicalSpec } from '../core/canonical.ts';
import { keyOf, type DesiredConnection, type Place } from '../core/connection.ts';
import type { Subject } from './document.ts';
import { quoted, readable, type Finding } from './finding.ts';
import type { ConnectionManifest } from './manifest.gen.ts';
import type { OutlineNode } from './outline.ts';
import { didYouMean } from './suggest.ts';
import { CONNECTION_NAMES, checkConnection } from './validators.gen.ts';

/** The schema and the rules for manifests. */
export const MANIFEST: Subject<ConnectionManifest> = {
  whole: 'a manifest',
  names: CONNECTION_NAMES,
  check: checkConnection,
  rule: unsafeId,
  rules: manifestFindings,
};

/** Returns the canonical form that the rest of connsync uses, without source details. */
export function toDesired(manifest: ConnectionManifest, place: Place): DesiredConnection {
  const { entity, id, connsync } = manifest;
  return {
    key: keyOf(entity, id),
    entity,
    id,
    spec: canonicalSpec(manifest),
    place,
    protect: connsync?.protect === true,
    ...(connsync?.owner === undefined ? {} : { owner: connsync.owner }),
    allowReplace: connsync?.allow?.includes('replace') === true,
    renamedFields: renamedFields(connsync?.renamed_fields),
  };
}

const NONE_RENAMED: ReadonlyMap<string, string> = new Map();

function renamedFields(renamed: Readonly<Record<string, string>> | undefined): ReadonlyMap<string, string> {
  return renamed === undefined ? NONE_RENAMED : new Map(Object.entries(renamed));
}

// Returns the finding for an id that the schema's pattern rejects, to give the error its own code and message.
function unsafeId({ keyword, instancePath: pointer }: ErrorObject, node: OutlineNode | undefined): Finding | undefined {
  if (keyword !== 'pattern') return undefined;
  const id = node?.text ?? '';
  const unsafe = /[/\\?#%\p{Control}]/u.exec(id)?.[0];
  const why =
    unsafe === undefined ? 'is a segment of a URL path' : `contains ${quoted(unsafe)}, which a URL would change`;
  return {
    code: 'unsafe-id',
    message: `${readable(pointer)} ${quoted(id)} ${why}`,
    hint: `use ${USUAL}`,
    pointer,
    at: 'value',
  };
}

const USUAL = 'A-Z a-z 0-9 . _ -';
const USUAL_ID = /^[\w.-]+$/;
const UNSAFE_ID = /[/\\?#%\p{Control}]/u;

const ENTITIES = ['users', 'accounts'];
const TYPES = ['ref_table'];
const JOIN_TYPES = ['email', 'user_id', 'account_id'];
const FIELD_TYPES = ['string', 'number'];

type Loose = { readonly [name in keyof ConnectionManifest]?: unknown };

/** Checks the rules within one connection, of any shape. The schema reports values that are not text. */
function manifestFindings(value: unknown): readonly Finding[] {
  if (typeof value !== 'object' || value === null) return [];
  const { entity, id, type, join_type: joinType, fields } = value as Loose;
  const findings: Finding[] = [];
  checkKnown(findings, 'unknown-entity', '/entity', entity, ENTITIES);
  checkUsual(findings, '/entity', entity);
  checkUsual(findings, '/id', id);
  checkKnown(findings, 'unknown-type', '/type', type, TYPES);
  checkKnown(findings, 'unknown-join-type', '/join_type', joinType, JOIN_TYPES);
  if (Array.isArray(fields)) checkFields(findings, fields);
  return findings;
}

function checkFields(findings: Finding[], fields: readonly unknown[]): void {
  const seen = new Map<string, number>();
  for (const [index, field] of fields.entries()) {
    if (typeof field !== 'object' || field === null) continue;
    const { id, type } = field as { readonly id?: unknown; readonly type?: unknown };
    if (typeof id === 'string') {
      const first = seen.get(id);
      if (first === undefined) seen.set(id, index);
      else findings.push(duplicateField(id, index, first));
      if (!USUAL_ID.test(id)) checkUsual(findings, `/fields/${index}/id`, id);
    }
    if (type !== 'string' && type !== 'number') {
      checkKnown(findings, 'unknown-field-type', `/fields/${index}/type`, type, FIELD_TYPES);
    }
  }
}

function duplicateField(id: string, index: number, first: number): Finding {
  return {
    code: 'duplicate-field',
    message: `fields[${index}] has the id ${quoted(id)}, which fields[${first}] also has`,
    hint: 'give one of them another id, or delete it',
    pointer: `/fields/${index}/id`,
    at: 'value',
  };
}

function checkKnown(
  findings: Finding[],
  code: 'unknown-entity' | 'unknown-type' | 'unknown-join-type' | 'unknown-field-type',
  pointer: string,
  value: unknown,
  known: readonly string[],
): void {
  if (typeof value !== 'string' || value === '' || known.includes(value)) return;
  const list = known.join(', ');
  const message = `${readable(pointer)} ${quoted(value)} is not a value that Datadog documents (${list})`;
  findings.push({
    code,
    message,
    hint: didYouMean(value, known, `check that Datadog supports it`),
    pointer,
    at: 'value',
  });
}

function checkUsual(findings: Finding[], pointer: string, id: unknown): void {
  if (typeof id !== 'string' || id === '' || USUAL_ID.test(id) || UNSAFE_ID.test(id)) return;
  const message = `${readable(pointer)} ${quoted(id)} contains characters other than ${USUAL}`;
  findings.push({
    code: 'unusual-id',
    message,
    hint: 'rename it before the first apply, because other tools may not support it',
    pointer,
    at: 'value',
  });
}
