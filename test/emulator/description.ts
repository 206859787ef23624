import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { load } from 'js-yaml';
import type { Reply } from './calling.ts';

interface Described {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses?: Record<string, Ref & Answered> }>>>
  >;
  readonly components: { readonly schemas: object; readonly responses: Readonly<Record<string, Answered>> };
}
interface Ref {
  readonly $ref?: string;
}
interface Answered {
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: Ref }>>;
}

export const description = load(
  readFileSync(join(import.meta.dirname, 'datadog-connections.openapi.yaml'), 'utf8'),
) as Described;
const ajv = new Ajv({ strict: false, formats: { 'date-time': (text: string) => !Number.isNaN(Date.parse(text)) } });
ajv.addSchema({ $id: 'openapi', components: { schemas: description.components.schemas } });

/** Returns the validator of one of the description's schemas. */
export function schema(name: string): ValidateFunction {
  const compiled = ajv.getSchema(`openapi#/components/schemas/${name}`);
  if (compiled === undefined) throw new Error(`The description has no schema ${name}.`);
  return compiled;
}

/** Returns the errors of a response against the description of this operation and status, or `[]`. */
export function undescribed(method: string, template: string, reply: Reply): readonly string[] {
  const described = description.paths[template]?.[method.toLowerCase()]?.responses?.[String(reply.status)];
  if (described === undefined) return [`${method} ${template} describes no ${reply.status}`];
  const answer = described.$ref === undefined ? described : description.components.responses[lastOf(described.$ref)];
  const missing = Object.keys(answer?.headers ?? {})
    .filter((name) => reply.headers[name.toLowerCase()] === undefined)
    .map((name) => `the header ${name} is missing`);
  return [...missing, ...wrongBody(answer?.content?.['application/json']?.schema.$ref, reply)];
}

function wrongBody(reference: string | undefined, { text, json, headers }: Reply): readonly string[] {
  if (reference === undefined) return text === '' ? [] : ['a body is not described'];
  if (headers['content-type'] !== 'application/json') return ['the content type is not JSON'];
  const valid = schema(lastOf(reference));
  return valid(json) ? [] : [ajv.errorsText(valid.errors)];
}

function lastOf(reference: string): string {
  return reference.split('/').at(-1) ?? '';
}
