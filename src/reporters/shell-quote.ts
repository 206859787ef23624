/** Returns a text as one word of a shell command. Inside single quotes only the quote itself is special. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Returns percent-encoded text for use inside double quotes. The only special character left is `!`, which acts when
 * a line is pasted into an interactive shell, so it gets its own single quotes.
 */
export function insideDoubleQuotes(encoded: string): string {
  return encoded.replaceAll('!', `"'!'"`);
}
