import type { Collection, Comment, Entry } from './tree.ts';

/**
 * Attaches every comment of a document to an entry:
 *
 * | position of the comment                              | attached to                                  |
 * | ---------------------------------------------------- | -------------------------------------------- |
 * | after something on the same line                     | after the last entry that begins before it   |
 * | on its own line                                      | above the next entry                         |
 * | … but indented like deeper entries above it          | below those, at the end of their collection  |
 * | between a name and its text                          | above that name                              |
 * | inside brackets, after the last entry                | below that entry                             |
 * | at the end                                           | below the entries with the same indentation  |
 */
export function attachComments(comments: readonly Comment[], root: Collection): void {
  const places = placesIn(root, undefined);
  let next = 0;
  let open: readonly Collection[] | undefined;
  for (const comment of comments) {
    const passed = next;
    while ((places[next]?.entry.start ?? Infinity) < comment.start) next++;
    if (next !== passed) open = undefined;
    const last = places[next - 1];
    const following = places[next];
    if (comment.own) open = attachLine(comment, { root, last, following, open: open ?? openAt(comment, last, root) });
    else attachBehind(comment, last, root);
  }
  for (const { entry } of places) {
    // Empty brackets can't contain comments.
    if (entry.value.kind !== 'scalar' && entry.value.entries.length === 0)
      entry.before.push(...entry.value.commentsBelow.splice(0));
  }
}

/** An entry, the collection that contains it, and the place (`up`) of the entry whose value is that collection. */
interface Place {
  readonly entry: Entry;
  readonly within: Collection;
  readonly up: Place | undefined;
}

function placesIn(within: Collection, up: Place | undefined): readonly Place[] {
  return within.entries.flatMap((entry) => {
    const place = { entry, within, up };
    return entry.value.kind === 'scalar' ? [place] : [place, ...placesIn(entry.value, place)];
  });
}

/** Returns the collections that a comment may belong to, innermost first. */
function openAt({ start }: Comment, last: Place | undefined, root: Collection): readonly Collection[] {
  if (last === undefined) return [root];
  const chain: Collection[] = [];
  const { value } = last.entry;
  if (value.kind !== 'scalar') chain.push(value);
  for (let place: Place | undefined = last; place !== undefined; place = place.up) chain.push(place.within);
  return chain.filter(({ flow, start: opened, end }) => !flow || (opened < start && start < end));
}

function attachBehind(comment: Comment, last: Place | undefined, root: Collection): void {
  let place = last;
  while (place?.within.flow === true && place.within.end <= comment.start) place = place.up;
  if (place === undefined) {
    (comment.start < root.end ? (root.entries[0]?.before ?? root.commentsBelow) : root.commentsBelow).push(comment);
    return;
  }
  const { entry } = place;
  // An entry can have only one comment after it, so an earlier one moves above the entry.
  if (entry.behind !== undefined) entry.before.push(entry.behind);
  // Comments inside brackets move to their own lines, where the old column has no meaning.
  const moves =
    place.within.flow || (entry.value.kind !== 'scalar' && entry.value.flow && comment.start < entry.value.end);
  entry.behind = moves ? { ...comment, column: 0 } : comment;
}

interface Surroundings {
  readonly root: Collection;
  readonly last: Place | undefined;
  readonly following: Place | undefined;
  readonly open: readonly Collection[];
}

/**
 * Attaches a comment that has its own line. Returns the collections that are still open after it, which the next
 * comment may belong to.
 */
function attachLine(comment: Comment, { root, last, following, open }: Surroundings): readonly Collection[] {
  const [innermost] = open;
  if (last !== undefined && isBeforeText(comment, last.entry)) {
    last.entry.before.push(comment);
    return open;
  }
  if (innermost?.flow === true) {
    (following !== undefined && following.entry.start < innermost.end
      ? following.entry.before
      : innermost.commentsBelow
    ).push(comment);
    return open;
  }
  const closing = following === undefined ? open : open.slice(0, Math.max(0, open.indexOf(following.within)));
  const floor = following === undefined ? -1 : following.within.column;
  const owner = closing.find(({ column }) => column <= comment.column && column > floor);
  if (owner !== undefined) owner.commentsBelow.push(comment);
  else if (following !== undefined) following.entry.before.push(comment);
  else root.commentsBelow.push(comment);
  return owner === undefined ? open.slice(closing.length) : open.slice(open.indexOf(owner));
}

function isBeforeText({ start }: Comment, { value }: Entry): boolean {
  return value.start > start && (value.kind === 'scalar' || value.flow);
}
