/** Text as one word of a shell command: inside single quotes nothing has a meaning, but for the quote itself. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Percent-encoded text inside double quotes. Only `!` is left of what acts there, and that only where a line is pasted into an
 * interactive shell; so it stands between quotes of its own.
 */
export function insideDoubleQuotes(encoded: string): string {
  return encoded.replaceAll('!', `"'!'"`);
}
