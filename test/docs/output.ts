/** Patterns for values that differ from run to run, and their replacements before two outputs are compared. */
const VARYING: readonly (readonly [what: RegExp, by: string])[] = [
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>'],
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?Z?/g, '<date>'],
  [/\b\d{2}:\d{2}:\d{2}\b/g, '<time>'],
  [/\b(127\.0\.0\.1|localhost):\d+/g, '$1:<port>'],
  [/\b\d+(\.\d+)? (ms|s)\b/g, '<duration>'],
  // A duration ends a column, so its padding varies with it.
  [/ +<duration>/g, ' <duration>'],
];

/** An action of an apply with its result. The lines come in the order of the answers, so they are sorted. */
const OUTCOMES = /(?:^[✓✗] \S+ +\S+ <duration>.*\n?){2,}/gm;

/** Returns an output without the parts that differ from run to run. */
export function steady(output: string): string {
  const lines = output.split('\n').map((line) => line.trimEnd());
  const text = VARYING.reduce((rest, [what, by]) => rest.replaceAll(what, by), `${lines.join('\n')}\n`);
  return text.replaceAll(OUTCOMES, sorted).trimEnd();
}

function sorted(lines: string): string {
  return `${lines.trimEnd().split('\n').sort().join('\n')}\n`;
}

/**
 * Returns whether a page shows the printed text. A line that is only `…` matches any number of lines; elsewhere in
 * a line it matches any text.
 */
export function shows(shown: string, printed: string): boolean {
  const pattern = steady(shown)
    .split('\n')
    .map((line) => (line.trim() === '…' ? '(?:.*\n)*?' : `${line.split('…').map(literal).join('.*')}\n`))
    .join('');
  return new RegExp(`^${pattern}$`).test(`${steady(printed)}\n`);
}

function literal(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
