/** A part of a document that can be truncated: as many items as fit, then a line that counts the others. */
export interface Part {
  readonly open: string;
  readonly count: number;
  /** Returns the text of one item. Called in order, and only while there is room. */
  readonly item: (index: number) => string;
  readonly close: string;
  /** Returns the line that says how many items are left out. */
  readonly rest: (left: number) => string;
}

/**
 * Returns the head and the parts in at most `maxChars` UTF-16 code units. Never truncates the head or a single item.
 * Earlier parts get space first, but each part always has enough left to say how many items it omits.
 */
export function truncateParts(head: string, parts: readonly Part[], maxChars: number): string {
  const full = parts.filter(({ count }) => count > 0);
  const reserves = full.map(({ count, rest }) => rest(count).length);
  let reserved = reserves.reduce((sum, length) => sum + length, 0);
  let text = head;
  for (const [index, part] of full.entries()) {
    reserved -= reserves[index] ?? 0;
    text += fitPart(part, maxChars - text.length - reserved);
  }
  return text;
}

function fitPart({ open, count, item, close, rest }: Part, room: number): string {
  let items = '';
  let taken = 0;
  while (taken < count) {
    const next = item(taken);
    const after = taken + 1 < count ? rest(count - taken - 1).length : 0;
    if (open.length + items.length + next.length + after + close.length > room) break;
    items += next;
    taken += 1;
  }
  const missing = taken < count ? rest(count - taken) : '';
  if (taken > 0) return `${open}${items}${missing}${close}`;
  return missing.length <= room ? missing : '';
}
