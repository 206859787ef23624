/** A part of a document that may be cut: as many of its items as there is room for, then a line about those that are missing. */
export interface Part {
  readonly open: string;
  readonly count: number;
  /** Called in order, and only as long as there is room. */
  readonly item: (index: number) => string;
  readonly close: string;
  /** Says that so many items are left out. */
  readonly rest: (left: number) => string;
}

/**
 * Head and parts in at most so many characters (UTF-16 code units). The head is never cut; the parts come in the order of their
 * weight, and each leaves room for the later ones to say what they leave out. No item is ever cut.
 */
export function truncateParts(head: string, parts: readonly Part[], most: number): string {
  const full = parts.filter(({ count }) => count > 0);
  const reserves = full.map(({ count, rest }) => rest(count).length);
  let reserved = reserves.reduce((sum, length) => sum + length, 0);
  let text = head;
  for (const [index, part] of full.entries()) {
    reserved -= reserves[index] ?? 0;
    text += fitPart(part, most - text.length - reserved);
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
