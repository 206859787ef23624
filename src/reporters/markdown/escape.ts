import { escapeControl } from '../../core/escape-control.ts';

/** Characters in a cell of a table; what is longer ends in `…`. */
export const CELL = 200;

/**
 * Text of a manifest or of Datadog as it may stand in Markdown: on one line, of bounded length, and without any meaning to
 * GitHub, neither as Markdown, nor as HTML, nor as an address, nor (since `<` is gone) as a marker of ours.
 * Entities stand for what has a meaning, since they hold inside HTML blocks as well, where a backslash does not.
 */
function inert(text: string, most: number): string {
  return clip(text, most).replace(MEANINGFUL, (character) => ENTITIES[character] ?? `&#${character.charCodeAt(0)};`);
}

/** An underscore inside a word, and a colon or a dot that begins no address, mean nothing and stay readable. */
const MEANINGFUL = /[&<>|@`*[\\~#$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\/\/)|(?<=www)\./gi;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** An id, a path or a value. GitHub looks for mentions and issues in rendered text, entities or not, but never inside code. */
export function code(text: string, most = CELL): string {
  return `<code>${inert(text, most)}</code>`;
}

/** A sentence that may quote such text. A space of no width keeps `@name` and `#1` from being taken for a mention or an issue. */
export function prose(text: string, most = CELL): string {
  return inert(text, most).replace(/&#(?:64|35);/g, '$&&#8203;');
}

/** Several lines of prose, told apart by a break. */
export function proseLines(text: string, most: number): string {
  return text
    .slice(0, 2 * most)
    .split('\n')
    .slice(0, MOST_LINES)
    .map((line) => prose(line, most))
    .join('<br>');
}

const MOST_LINES = 10;

/** At most so many characters, each of them printable. */
export function clip(text: string, most: number): string {
  // Twice as many code units hold more characters than are shown: what comes after never has to be looked at.
  const shown = escapeControl(text.slice(0, 2 * most + 2));
  const characters = Array.from(shown);
  return characters.length <= most ? shown : `${characters.slice(0, most - 1).join('')}…`;
}
