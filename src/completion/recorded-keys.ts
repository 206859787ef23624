/** `{"key":"…"` at the beginning of a record, and elsewhere only where a newer connsync writes something before it. */
const KEY = /^\{"key":("(?:[^"\\]|\\.)*")/;

/**
 * The keys in a lockfile's text, however damaged it is: a line that can not be read has none. Nothing is checked here, since a
 * completion that complains is worse than one that offers too little.
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
