/**
 * Wraps words at `width` columns; every line but the first begins with `indent`. Unlike `columns.ts` it needs no
 * library, because help is loaded with every command and a library would slow each start.
 */
export function wrapText(text: string, width: number, indent = ''): string {
  const [lead = ''] = /^ */.exec(text) ?? [];
  const [first = '', ...words] = text.slice(lead.length).split(/ (?! )/);
  const lines: string[] = [];
  let line = lead + first;
  for (const word of words) {
    if (line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = indent + word;
    } else line = `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
