import { CORE_SCHEMA, YAML11_SCHEMA } from 'js-yaml';

const TAGS = 'tag:yaml.org,2002:';
const TEXT = `${TAGS}str`;

/** Returns the value of a plain scalar by the rules of YAML 1.2: text, number, boolean or null. */
export function plainValue(text: string): unknown {
  return CORE_SCHEMA.resolveImplicitScalarTag(text).value;
}

/**
 * Returns what a YAML 1.1 tool makes of a plain scalar that is text in YAML 1.2: `yes` is a boolean, `12:30` a
 * number. Returns undefined if it is text there too, or not text in YAML 1.2.
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

/** Reports whether a plain scalar is certainly text in YAML 1.2 and 1.1: no special word of either begins like this. */
export function isSurelyText(text: string): boolean {
  return text.length > LONGEST_WORD && /^[a-z]/i.test(text);
}

/** The length of `false`. */
const LONGEST_WORD = 5;

/** Half of a surrogate pair: not a character, and not representable in UTF-8. */
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
