/**
 * Words in lines of at most `width` columns, where no word is longer; every line but the first begins with `indent`. Help is loaded
 * with every command, and a library for this would cost each start: `columns.ts`, which has one, is for terminals alone.
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
