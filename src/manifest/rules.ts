import type { Key } from '../core/connection.ts';
import type { Problem } from '../core/diagnostic.ts';
import { splitDocuments } from './document.ts';
import { quoted, type Span } from './finding.ts';
import type { LoadedDocument, LoadedFile } from './loaded.ts';
import { outline } from './outline.ts';
import { parseYaml } from './yaml.ts';

/** A use of an id that must not be repeated: the id of a document, or the id of one of its fields. */
interface Mention {
  readonly document: LoadedDocument;
  /** The id of the field. Undefined if the mention is of the document's own id. */
  readonly fieldId?: string;
}

interface SharedField {
  readonly first: Mention;
  readonly second: Mention;
  more: number;
}

/**
 * Checks the rules across files, for every document with a valid entity and id: no two documents with the same key
 * (an error at each), and no two connections of one entity with the same field id (one warning per id, at the
 * second).
 */
export function checkAcross(files: readonly LoadedFile[]): readonly Problem[] {
  const { duplicates, only } = byKey(files);
  const shared = sharedFields(only);
  if (duplicates.length + shared.length === 0) return [];
  const mentions = [...duplicates.flat(), ...shared.flatMap(({ first, second }) => [first, second])];
  const spans = locate(mentions);
  return [
    ...duplicates.flatMap((same) => duplicateKeys(same, spans)),
    ...shared.map((field) => sharedField(field, spans)),
  ];
}

/** Returns the groups of documents that share a key, and the first document of each key, both in file order. */
function byKey(files: readonly LoadedFile[]): {
  readonly duplicates: readonly (readonly Mention[])[];
  readonly only: readonly LoadedDocument[];
} {
  const firsts = new Map<Key, LoadedDocument>();
  const duplicates = new Map<Key, Mention[]>();
  for (const { documents } of files) {
    for (const document of documents) {
      if (document.key === undefined) continue;
      const first = firsts.get(document.key);
      if (first === undefined) {
        firsts.set(document.key, document);
        continue;
      }
      const same = duplicates.get(document.key);
      if (same === undefined) duplicates.set(document.key, [{ document: first }, { document }]);
      else same.push({ document });
    }
  }
  return { duplicates: [...duplicates.values()], only: [...firsts.values()] };
}

function duplicateKeys(same: readonly Mention[], spans: Spans): readonly Problem[] {
  return same.map((mention, index) => {
    const other = same[index === 0 ? 1 : 0] ?? mention;
    const others = same.length > 2 ? `, and ${same.length - 2} more` : '';
    const { source, key } = mention.document;
    return source.problem(
      'duplicate-key',
      `${quoted(key ?? '')} is also defined in ${addressOf(other, spans)}${others}`,
      spans.get(mention) ?? NOWHERE,
      'delete one of them, or give it another id',
    );
  });
}

function sharedFields(documents: readonly LoadedDocument[]): readonly SharedField[] {
  const firsts = new Map<string, Map<string, LoadedDocument>>();
  const shared = new Map<string, SharedField>();
  for (const document of documents) {
    const entity = document.entity ?? '';
    const seen = firsts.get(entity) ?? new Map<string, LoadedDocument>();
    firsts.set(entity, seen);
    for (const fieldId of fieldIds(document)) {
      const first = seen.get(fieldId);
      if (first === undefined) seen.set(fieldId, document);
      else if (first !== document) share(shared, fieldId, first, document);
    }
  }
  return [...shared.values()];
}

function fieldIds({ desired, fieldIds = [] }: LoadedDocument): readonly string[] {
  if (desired === undefined) return [...new Set(fieldIds)];
  return desired.spec.fields?.map(({ id }) => id) ?? [];
}

function share(shared: Map<string, SharedField>, fieldId: string, first: LoadedDocument, second: LoadedDocument): void {
  // Neither an entity nor a field id contains a slash, so the joined name is unique.
  const name = `${first.entity ?? ''}/${fieldId}`;
  const known = shared.get(name);
  if (known !== undefined) known.more++;
  else shared.set(name, { first: { document: first, fieldId }, second: { document: second, fieldId }, more: 0 });
}

function sharedField({ first, second, more }: SharedField, spans: Spans): Problem {
  const { source, entity } = second.document;
  const others = more === 0 ? '' : `, and ${more} more`;
  const other = `${first.document.key ?? ''} (${addressOf(first, spans)})`;
  return source.problem(
    'shared-field',
    `the field ${quoted(second.fieldId ?? '')} of ${entity ?? ''} is also defined in ${other}${others}`,
    spans.get(second) ?? NOWHERE,
    'give it another id in one of them',
  );
}

type Spans = ReadonlyMap<Mention, Span>;

const NOWHERE: Span = { start: 0, end: 0 };

function addressOf(mention: Mention, spans: Spans): string {
  const { source } = mention.document;
  return `${source.file}:${source.position(spans.get(mention)?.start ?? 0).line}`;
}

/**
 * Finds the positions of ids. Documents don't keep their events, so a file with a problem is parsed again, but only
 * once for all its ids.
 */
function locate(mentions: readonly Mention[]): Spans {
  const spans = new Map<Mention, Span>();
  for (const [source, inFile] of grouped(mentions, ({ document }) => document.source)) {
    const { events, text } = parseYaml(source.text);
    const parts = splitDocuments(events, text);
    for (const [number, inDocument] of grouped(inFile, ({ document }) => document.number)) {
      const part = parts[number];
      if (part === undefined) continue;
      const { nodes } = outline(text, part.events, part.marker ?? 0);
      // The nodes are reversed, so that the first of two equal ids determines the position.
      const fields = new Map(
        [...nodes.values()]
          .filter(isFieldId)
          .toReversed()
          .map(({ text, value }) => [text, value]),
      );
      for (const mention of inDocument) {
        const span = mention.fieldId === undefined ? nodes.get('/id')?.value : fields.get(mention.fieldId);
        if (span !== undefined) spans.set(mention, span);
      }
    }
  }
  return spans;
}

function isFieldId({ pointer }: { readonly pointer: string }): boolean {
  return /^\/fields\/\d+\/id$/.test(pointer);
}

function grouped<T, By>(items: readonly T[], by: (item: T) => By): ReadonlyMap<By, readonly T[]> {
  const groups = new Map<By, T[]>();
  for (const item of items) {
    const group = groups.get(by(item));
    if (group === undefined) groups.set(by(item), [item]);
    else group.push(item);
  }
  return groups;
}
