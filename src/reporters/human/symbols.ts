export interface Symbols {
  readonly ok: string;
  readonly bad: string;
  readonly next: string;
  readonly becomes: string;
  readonly joins: string;
}

/** Returns the symbols for output. They are ASCII if the terminal is not UTF-8. */
export function symbolsOf(unicode: boolean): Symbols {
  return unicode
    ? { ok: '✓', bad: '✗', next: '→', becomes: '→', joins: '⇄' }
    : { ok: 'ok', bad: 'x', next: '->', becomes: '->', joins: '<->' };
}
