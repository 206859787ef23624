import type { ErrorObject } from 'ajv';
import { lastStep, quoted, readable, type Finding } from './finding.ts';
import { pointerStep, type Node, type Outline } from './outline.ts';
import { didYouMean } from './suggest.ts';

/** What a schema's own errors need to be told well. */
export interface Vocabulary {
  /** What to call the whole document, such as `a manifest`. */
  readonly whole: string;
  /** The names that each mapping knows, by the `schemaPath` of the error about an unknown one. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** The rule that a value breaks where it breaks the schema, if that rule has a code of its own. */
  rule(error: ErrorObject, value: Node | undefined): Finding | undefined;
}

const SPECIAL_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** Turns Ajv's errors into findings that say what to write instead. */
export function schemaFindings(
  errors: readonly ErrorObject[],
  { nodes }: Outline,
  vocabulary: Vocabulary,
): readonly Finding[] {
  const mistyped = new Set(errors.filter(({ keyword }) => keyword === 'type').map(({ instancePath }) => instancePath));
  const findings = errors.flatMap((error) => {
    if (error.keyword !== 'type' && mistyped.has(error.instancePath)) return [];
    const node = nodes.get(error.instancePath);
    return vocabulary.rule(error, node) ?? translate(error, node, vocabulary);
  });
  // A name that can't stand says all about what stands behind it.
  const refused = new Set(findings.filter(({ code }) => REFUSALS.has(code)).map(({ pointer }) => pointer));
  return findings.filter(({ pointer, at }) => at !== 'value' || !refused.has(pointer));
}

const REFUSALS: ReadonlySet<string> = new Set(['forbidden-name', 'yaml-merge-key']);

function translate(error: ErrorObject, node: Node | undefined, { whole, names }: Vocabulary): Finding | readonly [] {
  const { keyword, instancePath: pointer, schemaPath } = error;
  const subject = pointer === '' ? whole : readable(pointer);
  const here = { pointer, at: 'value' } as const;
  switch (keyword) {
    case 'additionalProperties':
      return unknownName(pointer, param(error, 'additionalProperty'), names[schemaPath] ?? []);
    case 'propertyNames':
      return specialName(pointer, param(error, 'propertyName'));
    case 'required':
      return missingName(pointer, param(error, 'missingProperty'));
    case 'type':
      return { code: 'wrong-type', ...wrongType(param(error, 'type'), subject, node), ...here };
    case 'enum':
    case 'const':
      return { code: 'not-allowed', ...notAllowed(error, subject, node), ...here };
    case 'minLength':
    case 'maxLength':
    case 'minItems':
      return { code: 'bad-length', ...badLength(keyword, Number(param(error, 'limit')), subject), ...here };
    case 'minimum':
      return { code: 'bad-value', ...atLeast(param(error, 'limit'), subject), ...here };
    // A `propertyNames` error comes with every error inside it.
    case 'not':
      return [];
    default:
      return {
        code: 'bad-value',
        message: `${subject} ${error.message ?? 'is not right'}`,
        hint: BAD_VALUE_HINT,
        ...here,
      };
  }
}

const BAD_VALUE_HINT = 'see connsync schema for what is asked for';

function param(error: ErrorObject, name: string): string {
  return String((error.params as Readonly<Record<string, unknown>>)[name]);
}

function unknownName(parent: string, name: string, known: readonly string[]): Finding {
  if (SPECIAL_NAMES.has(name) || name === '<<') return specialName(parent, name);
  return {
    code: 'unknown-property',
    message: `${quoted(name)} is not allowed here`,
    hint: didYouMean(name, known, `allowed here: ${known.join(', ')}`),
    pointer: parent + pointerStep(name),
    at: 'name',
  };
}

function specialName(parent: string, name: string): Finding {
  const place = { pointer: parent + pointerStep(name), at: 'name' } as const;
  if (name === '<<') {
    return {
      code: 'yaml-merge-key',
      message: 'merge keys (<<) are not used here',
      hint: 'write out what it merges',
      ...place,
    };
  }
  return {
    code: 'forbidden-name',
    message: `${quoted(name)} can not be a name: programs treat it specially`,
    hint: 'use another name',
    ...place,
  };
}

function missingName(parent: string, name: string): Finding {
  const where = parent === '' ? '' : ` in ${readable(parent)}`;
  return {
    code: 'missing-property',
    message: `${quoted(name)} is missing${where}`,
    hint: `add a line ${name}: …`,
    pointer: parent,
    at: 'first-name',
  };
}

type Words = Pick<Finding, 'message' | 'hint'>;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping of names to values',
  integer: 'a whole number',
};

function wrongType(type: string, subject: string, node: Node | undefined): Words {
  const wanted = TYPE_NAMES[type] ?? 'text or a whole number';
  if (node === undefined || node.kind === 'alias')
    return { message: `${subject} must be ${wanted}`, hint: BAD_VALUE_HINT };
  if (node.kind !== 'scalar') {
    const found = node.kind === 'mapping' ? 'a mapping' : 'a list';
    return { message: `${subject} must be ${wanted}, not ${found}`, hint: `write ${wanted}` };
  }
  if (node.plain && node.text === '') {
    return {
      message: `${subject} must be ${wanted}, but nothing stands here`,
      hint: 'give it a value, or delete the line',
    };
  }
  if (type === 'string') return quoteIt(subject, node);
  if (type === 'boolean') {
    const but = node.plain ? `not ${quoted(node.text)}` : 'without quotes';
    return { message: `${subject} must be ${wanted}, ${but}`, hint: meantBoolean(node.text) };
  }
  return { message: `${subject} must be ${wanted}, not ${quoted(node.text)}`, hint: `write ${wanted}` };
}

/** A number or a boolean where text belongs: what to write so that YAML leaves it alone. */
function quoteIt(subject: string, { text, pointer }: Node): Words {
  const name = lastStep(pointer);
  const line = /^\d+$/.test(name) ? `- ${quoted(text)}` : `${name}: ${quoted(text)}`;
  return { message: `${subject} must be text; write ${quoted(text)} with quotes`, hint: `write ${line}` };
}

function meantBoolean(text: string): string {
  if (/^(?:yes|y|on|true|1)$/i.test(text)) return 'write true';
  if (/^(?:no|n|off|false|0)$/i.test(text)) return 'write false';
  return 'write true or false';
}

function notAllowed(error: ErrorObject, subject: string, node: Node | undefined): Words {
  const { allowedValues, allowedValue } = error.params as {
    allowedValues?: readonly unknown[];
    allowedValue?: unknown;
  };
  const allowed = (allowedValues ?? [allowedValue]).map(String);
  const list = allowed.join(', ');
  const wanted = allowed.length === 1 ? list : `one of ${list}`;
  return { message: `${subject} must be ${wanted}`, hint: didYouMean(node?.text ?? '', allowed, `write ${wanted}`) };
}

function badLength(keyword: 'minLength' | 'maxLength' | 'minItems', limit: number, subject: string): Words {
  if (keyword === 'maxLength') return { message: `${subject} is longer than ${limit} characters`, hint: 'shorten it' };
  if (keyword === 'minItems')
    return { message: `${subject} is an empty list`, hint: 'name at least one, or delete the line' };
  return { message: `${subject} is empty`, hint: 'give it a value, or delete the line' };
}

function atLeast(limit: string, subject: string): Words {
  return { message: `${subject} must be ${limit} or more`, hint: `write a whole number from ${limit}` };
}
