import { escapeControl } from '../../core/escape-control.ts';

/** The maximum number of characters in a table cell. Longer text ends in `…`. */
export const CELL = 200;

/**
 * Escapes text from a manifest or from Datadog for Markdown: one line of limited length that GitHub can't read as
 * Markdown, HTML, a URL, or (since it has no `<`) one of connsync's markers. It uses entities, because backslashes
 * don't work inside HTML blocks.
 */
function escaped(text: string, maxChars: number): string {
  return clip(text, maxChars).replace(SPECIAL, (character) => ENTITIES[character] ?? `&#${character.charCodeAt(0)};`);
}

/**
 * Matches characters with a meaning in Markdown. Underscores within words, and colons and dots outside URLs, have none,
 * so they stay readable.
 */
const SPECIAL = /[&<>|@`*[\\~#$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\/\/)|(?<=www)\./gi;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/**
 * Returns an id, a path or a value as code. In other text, GitHub finds mentions and issue numbers even if they are
 * escaped as entities; in code it doesn't.
 */
export function code(text: string, maxChars = CELL): string {
  return `<code>${escaped(text, maxChars)}</code>`;
}

/**
 * Returns a sentence that may quote text from a manifest or from Datadog. A zero-width space keeps `@name` and `#1`
 * from becoming a mention or a link.
 */
export function inlineProse(text: string, maxChars = CELL): string {
  return escaped(text, maxChars).replace(/&#(?:64|35);/g, '$&&#8203;');
}

/** Returns several lines of prose, joined with HTML line breaks. */
export function proseLines(text: string, maxChars: number): string {
  return text
    .slice(0, 2 * maxChars)
    .split('\n')
    .slice(0, MAX_LINES)
    .map((line) => inlineProse(line, maxChars))
    .join('<br>');
}

const MAX_LINES = 10;

/** Returns at most `maxChars` printable characters. */
export function clip(text: string, maxChars: number): string {
  // A character has at most two UTF-16 code units, so text after this position can't appear and needs no escaping.
  const printable = escapeControl(text.slice(0, 2 * maxChars + 2));
  const characters = Array.from(printable);
  return characters.length <= maxChars ? printable : `${characters.slice(0, maxChars - 1).join('')}…`;
}
