import { escapeControl } from '../core/escape-control.ts';

/** Text as the page may hold it: no secret, and nothing that turns the direction of a line or hides in one. */
export function sanitizerWith(redact: (text: string) => string): (text: string) => string {
  // Names come again with every plan, and most texts many times in one.
  let known = new Map<string, string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= MOST_KNOWN) known = new Map();
    const shown = escapeControl(redact(text));
    if (text.length <= LONGEST_KNOWN) known.set(text, shown);
    return shown;
  };
}

const MOST_KNOWN = 20_000;
const LONGEST_KNOWN = 200;
