import type { Spec } from '../../core/connection.ts';
import { Failure } from '../../core/diagnostic.ts';
import { isJson, indentOf, writeJson } from './json.ts';
import { applySplices, patch, rewriteRoot } from './patch.ts';
import { readDocuments } from './read.ts';
import { revise } from './revise.ts';
import type { Collection, Document, TextNode } from './tree.ts';

/**
 * Replaces the contents of document `index` (from 0) with `to`, and touches only what differs between `from` and
 * `to`. Comments, quotes, order and blank lines elsewhere stay, and other documents stay identical byte for byte.
 * JSON stays JSON. The text must be one that `loadManifest` accepts without an error. Throws a Failure if `yaml`
 * can't split the text into its parts.
 */
export function editManifest(text: string, index: number, from: Spec, to: Spec): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(mark.length);
  const document = readDocuments(body)?.[index];
  if (document === undefined) {
    const hint = 'run connsync fmt on it, or edit it by hand';
    throw new Failure('yaml-syntax', "connsync can't edit a manifest in this format", { hint });
  }
  const root = wholeRoot(document);
  const revised = revise(root, from, to);
  if (revised === root) return text;
  return mark + (isJson(body) ? asJson(body, revised) : asYaml(body, index, root, revised));
}

// Moves the head comments that are inside the root's opening bracket to the first entry, where they belong. Returns the
// new root.
function wholeRoot({ head, root }: Document): Collection {
  const [first, ...rest] = root.entries;
  const inside = head.filter(({ start }) => start > root.start);
  if (first === undefined || inside.length === 0) return root;
  return { ...root, entries: [{ ...first, before: inside }, ...rest] };
}

function asJson(text: string, revised: Collection): string {
  const [, above = '', below = ''] = /^(\s*)[^]*?(\s*)$/.exec(text) ?? [];
  const json = writeJson(revised, indentOf(text));
  return above + (text.includes('\r\n') ? json.replaceAll('\n', '\r\n') : json) + below;
}

function asYaml(text: string, index: number, root: Collection, revised: Collection): string {
  const source = text.replace(/\r(?!\n)/g, '\n');
  const written = { source, lineBreak: text.includes('\r\n') ? '\r\n' : '\n' };
  const splices = patch(root, revised, written);
  const patched = splices === undefined ? undefined : applySplices(text, splices);
  const again = patched === undefined ? undefined : readDocuments(patched)?.[index];
  // A blank line next to a block with `|+` would become part of its text, so the whole document is rewritten.
  if (patched !== undefined && again !== undefined && hasSameValue(again.root, revised)) return patched;
  return applySplices(text, [rewriteRoot(root, revised, written)]);
}

function hasSameValue(a: TextNode, b: TextNode): boolean {
  if (a.kind === 'scalar') return b.kind === 'scalar' && a.value === b.value;
  if (b.kind === 'scalar') return false;
  return (
    a.entries.length === b.entries.length &&
    a.entries.every(({ name, value }, index) => {
      const other = b.entries[index];
      return other !== undefined && name?.value === other.name?.value && hasSameValue(value, other.value);
    })
  );
}
