import { CORE_SCHEMA, YAML11_SCHEMA } from 'js-yaml';

const TAGS = 'tag:yaml.org,2002:';
const TEXT = `${TAGS}str`;

/** What a plain scalar means by the rules of YAML 1.2: a text, a number, a boolean, nothing. */
export function plainValue(text: string): unknown {
  return CORE_SCHEMA.resolveImplicitScalarTag(text).value;
}

/**
 * What a plain scalar that is text to us is to tools that still follow YAML 1.1: `yes` is a boolean to them, `12:30` a
 * number. Undefined where they read text too, and where it is no text to us either.
 */
export function olderReading(text: string): string | undefined {
  if (typeof plainValue(text) !== 'string') return undefined;
  const { tagName } = YAML11_SCHEMA.resolveImplicitScalarTag(text).tag;
  return tagName === TEXT ? undefined : (OLDER_KINDS[tagName.slice(TAGS.length)] ?? 'something else');
}

const OLDER_KINDS: Readonly<Record<string, string>> = {
  bool: 'a boolean',
  int: 'a number',
  float: 'a number',
  timestamp: 'a date',
  merge: 'a merge',
};

/** Whether a plain scalar is text, in YAML 1.2 and 1.1 alike, by its look alone: no word of either begins like this. */
export function isSurelyText(text: string): boolean {
  return text.length > LONGEST_WORD && /^[a-z]/i.test(text);
}

/** `false`. */
const LONGEST_WORD = 5;

/** Half of a pair of UTF-16 code units: no character, and nothing that UTF-8 could carry. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}
