import type { Scalar } from './tree.ts';

/**
 * Returns a text written so that every YAML reader, old or new, reads exactly this text: plain if that is safe, a
 * block (`|`) for several lines if it preserves the text, else in quotes. `flow` means inside brackets and `name`
 * means before a colon; both have stricter rules. Continuation lines are not indented.
 */
export function scalarText(
  value: string,
  { flow, name }: { readonly flow?: boolean; readonly name?: boolean } = {},
): string {
  if (isPlain(value) && (flow !== true || !FLOW_SIGNS.test(value))) return value;
  if (flow !== true && name !== true && isBlock(value)) return blockText(value);
  return NEEDS_ESCAPE.test(value) || !/["\\]/.test(value) || value.includes("'") ? doubleQuoted(value) : `'${value}'`;
}

/** Returns a new scalar. */
export function scalarOf(value: string, where?: Parameters<typeof scalarText>[1]): Scalar {
  const source = scalarText(value, where);
  return { kind: 'scalar', style: styleOf(source, value), source, value, start: -1, end: -1 };
}

/** Returns the scalar with another text. It keeps the quotes if possible. */
export function rewritten(old: Scalar, value: string): Scalar {
  const source = sourceLike(old, value);
  return { ...old, style: styleOf(source, value), source, value };
}

function sourceLike({ style }: Scalar, value: string): string {
  if (style === 'double') return doubleQuoted(value);
  if (style === 'single' && !NEEDS_ESCAPE.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return scalarText(value);
}

/** Returns the text in double quotes, in the syntax that JSON and YAML share. */
export function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(INVISIBLE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function styleOf(source: string, value: string): Scalar['style'] {
  if (source === value) return 'plain';
  return source.startsWith('"') ? 'double' : source.startsWith("'") ? 'single' : 'block';
}

/**
 * Invisible characters and those that change text direction: delete and C1, zero-width space, direction marks, line
 * and paragraph separator, byte order mark. The joiners in emoji and some scripts (U+200C, U+200D) are allowed.
 */
const INVISIBLE = /[\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFE\uFFFF]/g;
// oxlint-disable-next-line no-control-regex -- the pattern must match control characters
const NEEDS_ESCAPE =
  /[\u0000-\u001F]|\p{Surrogate}|[\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFE\uFFFF]/u;

/**
 * Indicators that end or separate plain text inside brackets. Older readers fail on a colon there, even within a
 * word.
 */
const FLOW_SIGNS = /[,[\]{}:?]/;
/** Indicators that begin something other than text, and a dash that begins an item or a document. */
const SIGN_AT_START = /^(?:[?:,[\]{}#&*!|>'"%@`]|-(?:\s|$|--))/;
const SIGN_INSIDE = /:(?:\s|$)|\s#/;

/** Words that some version of YAML reads as null, a boolean, a merge or a default, such as `y` and `off`. */
const WORD = /^(?:~|null|true|false|yes|no|on|off|y|n|<<|=)$/i;
/** Texts that some reader takes for a number: 1_000, 1,000, 0x1F, 0b11, 0o14, 1e3, .5, 12:30:45, .inf. */
const NUMBER =
  /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[\da-f_]+|\d[\d_,]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|\.[\d_]*(?:e[-+]?\d+)?|\d[\d_]*(?::\d+)+(?:\.[\d_]*)?|\.inf|\.nan)$/i;
const DATE = /^\d{4}-\d\d?-\d\d?(?:[Tt\s]|$)/;

function isPlain(value: string): boolean {
  if (value === '' || value.trim() !== value || NEEDS_ESCAPE.test(value)) return false;
  if (SIGN_AT_START.test(value) || SIGN_INSIDE.test(value)) return false;
  return !WORD.test(value) && !NUMBER.test(value) && !DATE.test(value);
}

// Reports whether a text can be written as a block. Many editors remove spaces at the end of a line, and a leading
// space would need a number in the block's header.
function isBlock(value: string): boolean {
  const lines = value.replace(/\n$/, '').split('\n');
  if (!value.includes('\n') || lines[0] === '' || lines.at(-1) === '') return false;
  return !/^\s/.test(value) && lines.every((line) => !NEEDS_ESCAPE.test(line) && !/\s$/.test(line));
}

function blockText(value: string): string {
  return value.endsWith('\n') ? `|\n${value.slice(0, -1)}` : `|-\n${value}`;
}
