/** Matches `{"key":"…"` at the beginning of a record, or later if a newer connsync writes other members first. */
const KEY = /^\{"key":("(?:[^"\\]|\\.)*")/;

/**
 * Returns the keys in a lockfile's text, and ignores lines that it can't read. It checks nothing, because a
 * completion that fails is worse than one with too few suggestions.
 */
export function recordedKeys(text: string): readonly string[] {
  const keys = text.split('\n').flatMap((line) => {
    const [, literal] = KEY.exec(line) ?? [];
    if (literal === undefined) return [];
    try {
      return [JSON.parse(literal) as string];
    } catch {
      return [];
    }
  });
  return [...new Set(keys)];
}
