import type { Key } from '../core/connection.ts';
import type { Problem } from '../core/diagnostic.ts';
import { splitDocuments } from './document.ts';
import { quoted, type Span } from './finding.ts';
import type { LoadedDocument, LoadedFile } from './loaded.ts';
import { outline } from './outline.ts';
import { parseYaml } from './yaml.ts';

/** What two documents have in common that they should not: their key, or the id of a field. */
interface Mention {
  readonly document: LoadedDocument;
  /** Undefined for the document's own id. */
  readonly fieldId?: string;
}

interface SharedField {
  readonly first: Mention;
  readonly second: Mention;
  more: number;
}

/**
 * The rules across files, over every document whose entity and id are right, whatever else is wrong with it:
 * no two with one key (an error at each of them), and no two connections of one entity with the same field id (one
 * warning for each such id, at the second of them).
 */
export function checkAcross(files: readonly LoadedFile[]): readonly Problem[] {
  const { twins, only } = byKey(files);
  const shared = sharedFields(only);
  if (twins.length + shared.length === 0) return [];
  const mentions = [...twins.flat(), ...shared.flatMap(({ first, second }) => [first, second])];
  const spans = locate(mentions);
  return [...twins.flatMap((same) => duplicateKeys(same, spans)), ...shared.map((field) => sharedField(field, spans))];
}

/** Documents that share their key with others, together; and of each key the first, in order. */
function byKey(files: readonly LoadedFile[]): {
  readonly twins: readonly (readonly Mention[])[];
  readonly only: readonly LoadedDocument[];
} {
  const firsts = new Map<Key, LoadedDocument>();
  const twins = new Map<Key, Mention[]>();
  for (const { documents } of files) {
    for (const document of documents) {
      if (document.key === undefined) continue;
      const first = firsts.get(document.key);
      if (first === undefined) {
        firsts.set(document.key, document);
        continue;
      }
      const same = twins.get(document.key);
      if (same === undefined) twins.set(document.key, [{ document: first }, { document }]);
      else same.push({ document });
    }
  }
  return { twins: [...twins.values()], only: [...firsts.values()] };
}

function duplicateKeys(same: readonly Mention[], spans: Spans): readonly Problem[] {
  return same.map((mention, index) => {
    const other = same[index === 0 ? 1 : 0] ?? mention;
    const others = same.length > 2 ? `, and ${same.length - 2} more` : '';
    const { source, key } = mention.document;
    return source.problem(
      'duplicate-key',
      `${quoted(key ?? '')} is described in ${addressOf(other, spans)} too${others}`,
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
  // Neither an entity nor a field id holds a slash.
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
    `the field ${quoted(second.fieldId ?? '')} of ${entity ?? ''} comes from ${other} too${others}`,
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
 * Where the ids of these documents and fields stand. No document keeps its events for that: a file with something to
 * find is parsed once more, and only once.
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
      // Reversed, so that of two equal ids the first counts.
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
