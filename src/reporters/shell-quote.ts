/** Returns a text quoted as one word of a shell command. Inside single quotes, only the quote itself is special. */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/**
 * Returns percent-encoded text for use inside double quotes. Its only special character is `!`, which an interactive
 * shell expands, so each `!` gets its own single quotes.
 */
export function insideDoubleQuotes(encoded: string): string {
  return encoded.replaceAll('!', `"'!'"`);
}
