/**
 * Matches control characters, separators of lines and paragraphs, invisible characters, and marks that change the
 * direction of text. With these, a manifest or server could overwrite parts of a terminal, start a workflow command, or
 * disguise a line.
 */
const UNPRINTABLE =
  /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|\uDB40[\uDC00-\uDC7F]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * Returns a text as one line that is safe to print. Characters that could affect a terminal become `\u{…}`, and a
 * newline becomes `\n`. `##[` is broken up, because CI runners treat it as a command anywhere in a line.
 */
export function escapeControl(text: string): string {
  return text.replace(UNPRINTABLE, escapeCharacter).replaceAll('##[', '#\\u{23}[');
}

function escapeCharacter(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** Escapes the lines of a code frame. Each unsafe character becomes one visible character, so columns stay aligned. */
export function escapeControlLines(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line.replace(/\r$/, '').replace(/\t/g, ' ').replace(UNPRINTABLE, '\uFFFD').replaceAll('##[', '##\uFFFD'),
    )
    .join('\n');
}

/**
 * Returns a text of several lines that is safe to print. A line that begins with `::` is escaped too, because CI
 * runners treat it as a command.
 */
export function escapeControlText(text: string): string {
  return text
    .split('\n')
    .map((line) => escapeControl(line).replace(/^(\s*):(?=:)/, String.raw`$1\u{3a}`))
    .join('\n');
}

/**
 * Returns JSON that is safe to print anywhere. It uses JSON's own escapes for the characters that `escapeControl`
 * escapes, so parsers read the same value.
 */
export function escapeControlJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent)
    .replace(UNPRINTABLE_IN_JSON, escapedUnits)
    .replaceAll('##[', String.raw`##\u005b`);
}

/**
 * Matches the characters of `UNPRINTABLE` that JSON.stringify doesn't escape: all but C0 controls and lone surrogates.
 */
const UNPRINTABLE_IN_JSON = /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|\uDB40[\uDC00-\uDC7F]/g;

function escapedUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
