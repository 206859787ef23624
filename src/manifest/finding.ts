import type { Code } from '../core/codes.ts';

/** A range of a text: offsets in UTF-16 code units, with an exclusive end. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * A problem with a value, without a position yet. It belongs to the value, or to the name, that the pointer refers
 * to.
 */
export interface Finding {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
  /** A JSON pointer into the document, such as `/fields/0/id`. */
  readonly pointer: string;
  /**
   * Where the problem is reported. `first-name` is the first name of the mapping, which is used for a missing name.
   */
  readonly at: 'value' | 'name' | 'first-name';
}

/** A problem, and its position in the text. */
export interface PlacedFinding {
  readonly code: Code;
  readonly message: string;
  readonly hint: string;
  readonly span: Span;
  /**
   * The value or name that has this problem. Schema errors about the same value or name are left out, because they
   * would only repeat the problem or confuse.
   */
  readonly about?: Pick<Finding, 'pointer' | 'at'>;
}

const MAX_QUOTE_LENGTH = 60;

/** Returns text from a file for use in a message: in double quotes, on one line, and shortened. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > MAX_QUOTE_LENGTH ? `${text.slice(0, MAX_QUOTE_LENGTH)}…` : text);
}

/** Returns a pointer in readable form: `/fields/0/source_name` is `fields[0].source_name`. */
export function readable(pointer: string): string {
  const steps = pointer.split('/').slice(1).map(unescaped);
  const parts = steps.map((step, index) => {
    if (/^\d+$/.test(step)) return `[${step}]`;
    return `${index === 0 ? '' : '.'}${/^[\w-]+$/.test(step) && step.length <= MAX_QUOTE_LENGTH ? step : quoted(step)}`;
  });
  return parts.join('');
}

/** Returns the last step of a pointer: a name, or an index in a list. */
export function lastStep(pointer: string): string {
  return unescaped(pointer.slice(pointer.lastIndexOf('/') + 1));
}

function unescaped(step: string): string {
  return step.replace(/~1/g, '/').replace(/~0/g, '~');
}
