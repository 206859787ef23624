/**
 * Control characters, line and paragraph separators, and everything that turns the direction of text: what manifests and servers
 * could use to draw over a terminal, to start a workflow command, or to make a line read as another.
 */
const UNPRINTABLE =
  /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|\uDB40[\uDC00-\uDC7F]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * One line of inert text: what could act on a terminal is shown as `\u{…}`, a newline as `\n`. `##[` is broken up, since a CI
 * runner takes it for a command wherever it stands in a line.
 */
export function escapeControl(text: string): string {
  return text.replace(UNPRINTABLE, shown).replaceAll('##[', '#\\u{23}[');
}

function shown(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

/** The same for lines whose columns have to stay where they are: each such character becomes one visible mark. */
export function escapeControlLines(text: string): string {
  return text
    .split('\n')
    .map((line) =>
      line.replace(/\r$/, '').replace(/\t/g, ' ').replace(UNPRINTABLE, '\uFFFD').replaceAll('##[', '##\uFFFD'),
    )
    .join('\n');
}

/** Many lines of inert text, none of which a CI runner takes for a command: that is what begins with `::`. */
export function escapeControlText(text: string): string {
  return text
    .split('\n')
    .map((line) => escapeControl(line).replace(/^(\s*):(?=:)/, String.raw`$1\u{3a}`))
    .join('\n');
}

/**
 * JSON whose text is inert wherever it is printed: what `printable` escapes, JSON's own escapes stand for. To whoever parses it
 * nothing changes.
 */
export function escapeControlJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent)
    .replace(UNPRINTABLE_IN_JSON, escapedUnits)
    .replaceAll('##[', String.raw`##\u005b`);
}

/** JSON.stringify escapes the rest itself: C0, and halves of pairs. */
const UNPRINTABLE_IN_JSON = /[\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|\uDB40[\uDC00-\uDC7F]/g;

function escapedUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
