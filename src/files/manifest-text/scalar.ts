import type { Scalar } from './tree.ts';

/**
 * How a text is written so that every YAML reader, old or new, takes it for exactly this text: plain where that is safe,
 * a text of several lines as a block (`|`) where that gives the same text back, else in quotes. `flow` is inside of
 * brackets, `name` in front of a colon: both are narrower than the rest. Lines after the first are not indented.
 */
export function scalarText(
  value: string,
  { flow, name }: { readonly flow?: boolean; readonly name?: boolean } = {},
): string {
  if (isPlain(value) && (flow !== true || !FLOW_SIGNS.test(value))) return value;
  if (flow !== true && name !== true && isBlock(value)) return blockText(value);
  return NEEDS_ESCAPE.test(value) || !/["\\]/.test(value) || value.includes("'") ? doubleQuoted(value) : `'${value}'`;
}

/** A new scalar. */
export function scalarOf(value: string, where?: Parameters<typeof scalarText>[1]): Scalar {
  const source = scalarText(value, where);
  return { kind: 'scalar', style: styleOf(source, value), source, value, start: -1, end: -1 };
}

/** The same place, another text. The person's quotes stay where they can. */
export function rewritten(old: Scalar, value: string): Scalar {
  const source = sourceLike(old, value);
  return { ...old, style: styleOf(source, value), source, value };
}

function sourceLike({ style }: Scalar, value: string): string {
  if (style === 'double') return doubleQuoted(value);
  if (style === 'single' && !NEEDS_ESCAPE.test(value)) return `'${value.replaceAll("'", "''")}'`;
  return scalarText(value);
}

/** In double quotes, in the way that JSON and YAML have in common. */
export function doubleQuoted(value: string): string {
  return JSON.stringify(value).replace(INVISIBLE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function styleOf(source: string, value: string): Scalar['style'] {
  if (source === value) return 'plain';
  return source.startsWith('"') ? 'double' : source.startsWith("'") ? 'single' : 'block';
}

/**
 * What no eye can see and what turns the direction of text: delete and C1, zero-width space, direction marks, line and
 * paragraph separator, byte order mark. The joiners inside of emoji and of some scripts (U+200C, U+200D) are left alone.
 */
const INVISIBLE = /[\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFE\uFFFF]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const NEEDS_ESCAPE =
  /[\u0000-\u001F]|\p{Surrogate}|[\u007F-\u009F\u061C\u200B\u200E\u200F\u2028-\u202E\u2060-\u2069\uFEFF\uFFFE\uFFFF]/u;

/** Signs that end or part plain text inside of brackets; older readers stumble over a colon there even within a word. */
const FLOW_SIGNS = /[,[\]{}:?]/;
/** Signs that begin something else than text, and a dash that begins an item or a document. */
const SIGN_AT_START = /^(?:[?:,[\]{}#&*!|>'"%@`]|-(?:\s|$|--))/;
const SIGN_INSIDE = /:(?:\s|$)|\s#/;

/** Texts that some version of YAML reads as nothing, a boolean, a merge or a default: `y` and `off` among them. */
const WORD = /^(?:~|null|true|false|yes|no|on|off|y|n|<<|=)$/i;
/** And those that some reader takes for a number: 1_000, 1,000, 0x1F, 0b11, 0o14, 1e3, .5, 12:30:45, .inf. */
const NUMBER =
  /^[-+]?(?:0b[01_]+|0o[0-7_]+|0x[\da-f_]+|\d[\d_,]*(?:\.[\d_]*)?(?:e[-+]?\d+)?|\.[\d_]*(?:e[-+]?\d+)?|\d[\d_]*(?::\d+)+(?:\.[\d_]*)?|\.inf|\.nan)$/i;
const DATE = /^\d{4}-\d\d?-\d\d?(?:[Tt\s]|$)/;

function isPlain(value: string): boolean {
  if (value === '' || value.trim() !== value || NEEDS_ESCAPE.test(value)) return false;
  if (SIGN_AT_START.test(value) || SIGN_INSIDE.test(value)) return false;
  return !WORD.test(value) && !NUMBER.test(value) && !DATE.test(value);
}

// Space at the end of a line is lost in many editors, and space at the beginning of the text would need a number in the header.
function isBlock(value: string): boolean {
  const lines = value.replace(/\n$/, '').split('\n');
  if (!value.includes('\n') || lines[0] === '' || lines.at(-1) === '') return false;
  return !/^\s/.test(value) && lines.every((line) => !NEEDS_ESCAPE.test(line) && !/\s$/.test(line));
}

function blockText(value: string): string {
  return value.endsWith('\n') ? `|\n${value.slice(0, -1)}` : `|-\n${value}`;
}
