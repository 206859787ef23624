import { CORE_SCHEMA, YAML11_SCHEMA } from 'js-yaml';

const TAGS = 'tag:yaml.org,2002:';
const TEXT = `${TAGS}str`;

/** Returns the value of a plain scalar by the rules of YAML 1.2: text, number, boolean or null. */
export function plainValue(text: string): unknown {
  return CORE_SCHEMA.resolveImplicitScalarTag(text).value;
}

/**
 * Returns the type that a YAML 1.1 tool gives to a plain scalar that is text in YAML 1.2: `yes` is a boolean, `12:30`
 * a number. Returns undefined if it is text in both versions, or not text in YAML 1.2.
 */
export function yaml11Type(text: string): string | undefined {
  if (typeof plainValue(text) !== 'string') return undefined;
  const { tagName } = YAML11_SCHEMA.resolveImplicitScalarTag(text).tag;
  return tagName === TEXT ? undefined : (YAML11_TYPES[tagName.slice(TAGS.length)] ?? 'something else');
}

const YAML11_TYPES: Readonly<Record<string, string>> = {
  bool: 'a boolean',
  int: 'a number',
  float: 'a number',
  timestamp: 'a date',
  merge: 'a merge',
};

/**
 * Reports whether a plain scalar is certainly text in YAML 1.2 and 1.1: it begins with a letter and is longer than any
 * special word that does.
 */
export function isSurelyText(text: string): boolean {
  return text.length > LONGEST_WORD && /^[a-z]/i.test(text);
}

/** The length of `false`, the longest special word. */
const LONGEST_WORD = 5;

/**
 * Reports whether a text contains half of a surrogate pair, which is not a character and not representable in UTF-8.
 */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/**
 * Returns the comment after an unquoted value if it looks like part of the value, as in `Tier #1`: a comment usually has
 * a space after its #. `end` is the offset where the value ends.
 */
export function cuttingComment(text: string, end: number): string | undefined {
  const next = text.charCodeAt(end);
  if (next !== 0x20 && next !== 0x09) return undefined;
  CUTTING_COMMENT.lastIndex = end;
  return CUTTING_COMMENT.exec(text)?.[1];
}

const CUTTING_COMMENT = /[ \t]+(#[^\s#][^\r\n]*)/y;
