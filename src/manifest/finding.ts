import type { Code } from '../core/codes.ts';

/** A stretch of a text: offsets in UTF-16 code units, the end exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Something wrong with a value, not yet placed: it stands at the value or at the name of what the pointer leads to. */
export interface Finding {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
  /** A JSON pointer into the document, such as `/fields/0/id`. */
  readonly pointer: string;
  /** `first-name` is the first name inside a mapping: there is no better place for what is missing from it. */
  readonly at: 'value' | 'name' | 'first-name';
}

/** Something wrong, and where it stands in the text. */
export interface PlacedFinding {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
  readonly span: Span;
  /** The value or name that this says all about: what the schema finds there would only repeat or confuse. */
  readonly about?: Pick<Finding, 'pointer' | 'at'>;
}

const LONGEST_QUOTE = 60;

/** Text from a file inside a message: in double quotes, on one line, and never longer than a person reads. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text);
}

/** A pointer as people write it: `/fields/0/source_name` is `fields[0].source_name`. */
export function readable(pointer: string): string {
  const steps = pointer.split('/').slice(1).map(unescaped);
  const parts = steps.map((step, index) => {
    if (/^\d+$/.test(step)) return `[${step}]`;
    return `${index === 0 ? '' : '.'}${/^[\w-]+$/.test(step) && step.length <= LONGEST_QUOTE ? step : quoted(step)}`;
  });
  return parts.join('');
}

/** The last step of a pointer: the name that a value has, or its number in a list. */
export function lastStep(pointer: string): string {
  return unescaped(pointer.slice(pointer.lastIndexOf('/') + 1));
}

function unescaped(step: string): string {
  return step.replace(/~1/g, '/').replace(/~0/g, '~');
}
