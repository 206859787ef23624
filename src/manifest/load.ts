import { EVENT_ID, type Event } from 'js-yaml';
import { keyOf } from '../core/connection.ts';
import type { Problem } from '../core/diagnostic.ts';
import { examine, splitDocuments, type Examined } from './document.ts';
import type { LoadedDocument, LoadedFile } from './loaded.ts';
import { MANIFEST, toDesired } from './manifest.ts';
import type { ConnectionManifest } from './manifest.gen.ts';
import { byPlace, summarizeRest } from './order.ts';
import { plainDocuments } from './plain.ts';
import { hasLoneSurrogate } from './scalar.ts';
import { lineCounter, Source } from './source.ts';
import { checkText } from './text.ts';
import { parseYaml, type Parse } from './yaml.ts';

export { combine } from './combine.ts';
export type { LoadedFile } from './loaded.ts';
export { decodeText } from './text.ts';

/** Maximum number of problems reported per file. A last problem gives the number of the omitted ones. */
const MAX_PROBLEMS = 1000;

/**
 * Loads one manifest file: each document becomes a desired connection or problems. The text is parsed once. An
 * ordinary file takes the fast path, which uses only the validator. Any other file takes the slow path
 * (`document.ts`), which finds the position of every problem. Both agree on what is valid. Never throws.
 */
export function loadManifest(text: string, file: string): LoadedFile {
  const source = new Source(file, text);
  const undecodable = checkText(source);
  if (undecodable.length > 0) return { file, documents: [], problems: undecodable, documentCount: 0 };
  const parse = parseYaml(text);
  return fastPath(parse, source) ?? slowPath(parse, source);
}

function fastPath({ events, text, failures }: Parse, source: Source): LoadedFile | undefined {
  if (failures.length > 0 || hasLoneSurrogate(text)) return undefined;
  const plain = plainDocuments(text, events);
  if (plain === undefined || plain.values.length === 0) return undefined;

  const lineOf = lineCounter(text);
  const documents: LoadedDocument[] = [];
  for (const [number, value] of plain.values.entries()) {
    if (!MANIFEST.check(value) || MANIFEST.rules(value).length > 0) return undefined;
    const line = lineOf(firstName(events, plain.starts[number] ?? 0));
    documents.push(whole(value, { line, source, number }));
  }
  return { file: source.file, documents, problems: [], documentCount: documents.length };
}

function slowPath({ events, text, failures }: Parse, source: Source): LoadedFile {
  const parts = splitDocuments(events, text);
  const problems = failures.map((failure) => source.problemAt(failure));
  if (parts.length + failures.length === 0) problems.push(emptyFile(source));

  const lineOf = lineCounter(text);
  const documents = parts.map((part, number) => {
    const examined = examine(part, text, source, MANIFEST);
    problems.push(...examined.problems);
    const place = { line: lineOf(firstName(part.events, 0)), source, number };
    return examined.valid === undefined ? partial(examined, place) : whole(examined.valid, place);
  });
  return {
    file: source.file,
    documents,
    problems: summarizeRest(problems.sort(byPlace), MAX_PROBLEMS, 'file'),
    documentCount: parts.length + failures.length,
  };
}

interface DocumentPlace {
  readonly line: number;
  readonly source: Source;
  readonly number: number;
}

function whole(manifest: ConnectionManifest, { line, source, number }: DocumentPlace): LoadedDocument {
  const desired = toDesired(manifest, { file: source.file, line });
  return { desired, key: desired.key, entity: desired.entity, source, number };
}

// Returns a document with an error. If its entity and id are valid, the result has what the rules across files need.
function partial({ value, isWrong }: Examined<unknown>, { source, number }: DocumentPlace): LoadedDocument {
  const entity = textAt(value, 'entity');
  const id = textAt(value, 'id');
  if (entity === undefined || id === undefined || isWrong('/entity') || isWrong('/id')) return { source, number };
  const fields = (value as { readonly fields?: unknown }).fields;
  const ids = Array.isArray(fields) ? fields.map((field) => textAt(field, 'id')) : [];
  const fieldIds = ids.filter((fieldId, index) => fieldId !== undefined && !isWrong(`/fields/${index}/id`));
  return { key: keyOf(entity, id), entity, fieldIds: fieldIds.filter((each) => each !== undefined), source, number };
}

function textAt(value: unknown, name: string): string | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  const member = (value as Readonly<Record<string, unknown>>)[name];
  return typeof member === 'string' ? member : undefined;
}

// Returns the offset of a document's first name; the document is reported on that line.
function firstName(events: readonly Event[], start: number): number {
  const [root, name] = [events[start + 1], events[start + 2]];
  if (name?.type === EVENT_ID.SCALAR && name.valueStart !== -1) return name.valueStart;
  return root?.type === EVENT_ID.MAPPING ? root.start : 0;
}

function emptyFile(source: Source): Problem {
  const span = { start: 0, end: source.text.length };
  return source.problem('empty-manifest', 'the file is empty', span, 'write a connection, or delete the file');
}
