import type { ErrorObject } from 'ajv';
import { lastStep, quoted, readable, type Finding } from './finding.ts';
import { pointerStep, type Node, type Outline } from './outline.ts';
import { didYouMean } from './suggest.ts';

/** The terms that describe a schema's errors to people. */
export interface Vocabulary {
  /** The name of the whole document, such as `a manifest`. */
  readonly whole: string;
  /** The allowed names of each mapping, by the `schemaPath` of the error about an unknown one. */
  readonly names: Readonly<Record<string, readonly string[]>>;
  /** Returns the finding for a value that breaks the schema, if that rule has its own code. */
  rule(error: ErrorObject, value: Node | undefined): Finding | undefined;
}

const SPECIAL_NAMES = new Set(['__proto__', 'constructor', 'prototype']);

/** Converts Ajv's errors to findings with a hint on what to write. */
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
  // An invalid name makes errors about its value redundant.
  const reported = new Set(findings.filter(({ code }) => REPORTED_KEYWORDS.has(code)).map(({ pointer }) => pointer));
  return findings.filter(({ pointer, at }) => at !== 'value' || !reported.has(pointer));
}

const REPORTED_KEYWORDS: ReadonlySet<string> = new Set(['forbidden-name', 'yaml-merge-key']);

function translate(error: ErrorObject, node: Node | undefined, { whole, names }: Vocabulary): Finding | readonly [] {
  const { keyword, instancePath: pointer, schemaPath } = error;
  const subject = pointer === '' ? whole : readable(pointer);
  const position = { pointer, at: 'value' } as const;
  switch (keyword) {
    case 'additionalProperties':
      return unknownName(pointer, param(error, 'additionalProperty'), names[schemaPath] ?? []);
    case 'propertyNames':
      return specialName(pointer, param(error, 'propertyName'));
    case 'required':
      return missingName(pointer, param(error, 'missingProperty'));
    case 'type':
      return { code: 'wrong-type', ...wrongType(param(error, 'type'), subject, node), ...position };
    case 'enum':
    case 'const':
      return { code: 'not-allowed', ...notAllowed(error, subject, node), ...position };
    case 'minLength':
    case 'maxLength':
    case 'minItems':
      return { code: 'bad-length', ...badLength(keyword, Number(param(error, 'limit')), subject), ...position };
    case 'minimum':
      return { code: 'bad-value', ...atLeast(param(error, 'limit'), subject), ...position };
    // A `not` error is part of a `propertyNames` error, which is reported instead.
    case 'not':
      return [];
    default:
      return {
        code: 'bad-value',
        message: `${subject} ${error.message ?? 'is not valid'}`,
        hint: BAD_VALUE_HINT,
        ...position,
      };
  }
}

const BAD_VALUE_HINT = 'run connsync schema to see the allowed values';

function param(error: ErrorObject, name: string): string {
  return String((error.params as Readonly<Record<string, unknown>>)[name]);
}

function unknownName(parent: string, name: string, known: readonly string[]): Finding {
  if (SPECIAL_NAMES.has(name) || name === '<<') return specialName(parent, name);
  return {
    code: 'unknown-property',
    message: `${quoted(name)} is not allowed here`,
    hint: didYouMean(name, known, `use one of: ${known.join(', ')}`),
    pointer: parent + pointerStep(name),
    at: 'name',
  };
}

function specialName(parent: string, name: string): Finding {
  const place = { pointer: parent + pointerStep(name), at: 'name' } as const;
  if (name === '<<') {
    return {
      code: 'yaml-merge-key',
      message: 'merge keys (<<) are not allowed in manifests',
      hint: 'write out the merged values',
      ...place,
    };
  }
  return {
    code: 'forbidden-name',
    message: `${quoted(name)} can't be used as a name: it has a special meaning in JavaScript`,
    hint: 'use another name',
    ...place,
  };
}

function missingName(parent: string, name: string): Finding {
  const where = parent === '' ? '' : ` in ${readable(parent)}`;
  return {
    code: 'missing-property',
    message: `${quoted(name)} is missing${where}`,
    hint: `add ${name}: …`,
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
  const expected = TYPE_NAMES[type] ?? 'text or a whole number';
  if (node === undefined || node.kind === 'alias')
    return { message: `${subject} must be ${expected}`, hint: BAD_VALUE_HINT };
  if (node.kind !== 'scalar') {
    const found = node.kind === 'mapping' ? 'a mapping' : 'a list';
    return { message: `${subject} must be ${expected}, not ${found}`, hint: `write ${expected}` };
  }
  if (node.plain && node.text === '') {
    return {
      message: `${subject} must be ${expected}, but it is empty`,
      hint: 'set a value, or delete the line',
    };
  }
  if (type === 'string') return quoteIt(subject, node);
  if (type === 'boolean') {
    const but = node.plain ? `not ${quoted(node.text)}` : 'without quotes';
    return { message: `${subject} must be ${expected}, ${but}`, hint: meantBoolean(node.text) };
  }
  return { message: `${subject} must be ${expected}, not ${quoted(node.text)}`, hint: `write ${expected}` };
}

/** Returns the message for a number or boolean where text is required, with the quoted form as a hint. */
function quoteIt(subject: string, { text, pointer }: Node): Words {
  const name = lastStep(pointer);
  const line = /^\d+$/.test(name) ? quoted(text) : `${name}: ${quoted(text)}`;
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
  const expected = allowed.length === 1 ? list : `one of ${list}`;
  return {
    message: `${subject} must be ${expected}`,
    hint: didYouMean(node?.text ?? '', allowed, `write ${expected}`),
  };
}

function badLength(keyword: 'minLength' | 'maxLength' | 'minItems', limit: number, subject: string): Words {
  if (keyword === 'maxLength') return { message: `${subject} is longer than ${limit} characters`, hint: 'shorten it' };
  if (keyword === 'minItems')
    return { message: `${subject} is an empty list`, hint: 'add at least one, or delete the line' };
  return { message: `${subject} is empty`, hint: 'set a value, or delete the line' };
}

function atLeast(limit: string, subject: string): Words {
  return { message: `${subject} must be at least ${limit}`, hint: `write a whole number from ${limit}` };
}
