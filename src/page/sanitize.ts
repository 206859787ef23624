import { escapeControl } from '../core/escape-control.ts';

/**
 * Returns a function that redacts secrets in a text, and escapes bidirectional control characters and invisible
 * characters.
 */
export function sanitizerWith(redact: (text: string) => string): (text: string) => string {
  // Caches results, because names repeat in every plan, and most texts repeat within one plan.
  let known = new Map<string, string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= MAX_CACHED) known = new Map();
    const shown = escapeControl(redact(text));
    if (text.length <= MAX_CACHED_LENGTH) known.set(text, shown);
    return shown;
  };
}

const MAX_CACHED = 20_000;
const MAX_CACHED_LENGTH = 200;
