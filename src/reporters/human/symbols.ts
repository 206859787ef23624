export interface Symbols {
  readonly ok: string;
  readonly bad: string;
  readonly next: string;
  readonly becomes: string;
  readonly joins: string;
}

/** Every symbol, or its ASCII twin. */
export function symbolsOf(unicode: boolean): Symbols {
  return unicode
    ? { ok: '✓', bad: '✗', next: '→', becomes: '→', joins: '⇄' }
    : { ok: 'ok', bad: 'x', next: '->', becomes: '->', joins: '<->' };
}
