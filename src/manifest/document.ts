import { constructFromEvents, CORE_SCHEMA, EVENT_ID, SCALAR_STYLE, YAMLException, type Event } from 'js-yaml';
import { codeEntry } from '../core/codes.ts';
import { hasErrors, type Problem } from '../core/diagnostic.ts';
import type { Finding, PlacedFinding, Span } from './finding.ts';
import { outline, type Outline } from './outline.ts';
import { summarizeRest } from './order.ts';
import { schemaFindings, type Vocabulary } from './schema-findings.ts';
import type { Source } from './source.ts';
import type { Check } from './validators.gen.ts';
import { ambiguousFindings, yamlFindings } from './yaml-findings.ts';
import { documentMarkers } from './yaml.ts';

/** Maximum number of problems reported per document. A last problem gives the number of the omitted ones. */
const MAX_PROBLEMS = 100;

/** The schema and the rules for one kind of document. */
export interface Subject<T> extends Vocabulary {
  readonly check: Check<T>;
  /**
   * Runs the checks that the schema can't express. `value` may have any shape, because the schema may have rejected
   * it.
   */
  rules(value: unknown): readonly Finding[];
}

/** The events of one document of a file. */
export interface DocumentEvents {
  /** The events from the DOCUMENT event to the POP event that ends the document. */
  readonly events: readonly Event[];
  /** The offset of the document's `---`, if it has one. */
  readonly marker: number | undefined;
}

/** Splits the events of a file into documents. */
export function splitDocuments(events: readonly Event[], text: string): readonly DocumentEvents[] {
  const markers = documentMarkers(text);
  const starts = events.flatMap((event, at) => (event.type === EVENT_ID.DOCUMENT ? [at] : []));
  let explicit = 0;
  return starts.map((start, number) => {
    const event = events[start];
    const isExplicit = event?.type === EVENT_ID.DOCUMENT && event.explicitStart;
    return { events: events.slice(start, starts[number + 1]), marker: isExplicit ? markers[explicit++] : undefined };
  });
}

export interface Examined<T> {
  readonly problems: readonly Problem[];
  /** The parsed value, of any shape, or undefined if there is none. */
  readonly value: unknown;
  /** The parsed value, if the document has no error. */
  readonly valid?: T;
  /** Reports whether the value at this pointer itself has an error. */
  readonly isWrong: (pointer: string) => boolean;
}

/**
 * The slow path: finds every problem of a document in one pass, each with its position. The events' offsets refer to
 * `text`. Never throws.
 */
export function examine<T>(document: DocumentEvents, text: string, source: Source, subject: Subject<T>): Examined<T> {
  const { events, marker } = document;
  if (isEmpty(events)) return { problems: [empty(source, marker)], value: undefined, isWrong: () => true };

  const found = outline(text, events, marker ?? 0);
  const read = construct(events, text);
  const inYaml = [...version(events, text, marker), ...yamlFindings(events, found)];
  if ('failure' in read && found.unusable.length === 0) inYaml.push(read.failure);
  const reported = new Set(inYaml.flatMap(({ about }) => (about === undefined ? [] : [placeName(about)])));

  const inValue = 'value' in read ? valueFindings(read.value, found, subject) : [];
  const errors = inValue.filter((finding) => isError(finding) && !reported.has(placeName(finding)));
  const wrong = new Set([...reported, ...errors.map(placeName)]);
  // Leaves out warnings about values that already have an error.
  const warnings = [...inValue.filter((finding) => !isError(finding)), ...ambiguousFindings(found, text)].filter(
    (finding) => !wrong.has(placeName(finding)),
  );
  const placed = [...inYaml, ...[...errors, ...warnings].map((finding) => place(finding, found))];
  const problems = problemsOf(placed, source);
  return {
    problems,
    value: 'value' in read ? read.value : undefined,
    ...('value' in read && !hasErrors(problems) ? { valid: read.value as T } : {}),
    isWrong: (pointer) => wrong.has(placeName({ pointer, at: 'value' })),
  };
}

function valueFindings<T>(value: unknown, found: Outline, subject: Subject<T>): readonly Finding[] {
  const errors = subject.check(value) ? [] : (subject.check.errors ?? []);
  return [...schemaFindings(errors, found, subject), ...subject.rules(value)];
}

function placeName({ pointer, at }: Pick<Finding, 'pointer' | 'at'>): string {
  return `${at} ${pointer}`;
}

function isError({ code }: Finding): boolean {
  return codeEntry(code).severity === 'error';
}

function place({ pointer, at, ...rest }: Finding, { nodes }: Outline): PlacedFinding {
  const node = nodes.get(pointer);
  const span = at === 'value' ? node?.value : at === 'name' ? node?.name?.span : node?.firstName;
  return { ...rest, span: span ?? node?.value ?? nodes.get('')?.value ?? { start: 0, end: 0 } };
}

function problemsOf(findings: readonly PlacedFinding[], source: Source): readonly Problem[] {
  const sorted = [...findings].sort((a, b) => a.span.start - b.span.start);
  return summarizeRest(sorted, MAX_PROBLEMS, 'document').map((finding) => source.problemAt(finding));
}

function isEmpty(events: readonly Event[]): boolean {
  const root = events[1];
  if (root?.type !== EVENT_ID.SCALAR) return false;
  return root.valueStart === -1 && root.tagStart === -1 && root.anchorStart === -1;
}

function empty(source: Source, marker: number | undefined): Problem {
  const start = marker ?? 0;
  const span = { start, end: start + 3 };
  return source.problem('empty-manifest', 'this document is empty', span, 'write a connection, or delete the --- line');
}

/**
 * Returns the value of a document despite any problems: ignores tags and anchors, replaces an alias with null (it may
 * expand to something huge), and keeps the last of two equal names.
 */
function construct(events: readonly Event[], text: string): { value: unknown } | { failure: PlacedFinding } {
  try {
    const [value] = constructFromEvents(events.map(stripped), { source: text, schema: CORE_SCHEMA, json: true });
    return { value };
  } catch (error) {
    const start = error instanceof YAMLException ? (error.mark?.position ?? 0) : 0;
    const message = error instanceof YAMLException ? error.reason : String(error);
    return {
      failure: {
        code: 'yaml-syntax',
        message,
        hint: 'write the value in another form',
        span: { start, end: start + 1 },
      },
    };
  }
}

const NO_PROPERTIES = { tagStart: -1, tagEnd: -1, anchorStart: -1, anchorEnd: -1 };

function stripped(event: Event): Event {
  switch (event.type) {
    case EVENT_ID.ALIAS:
      return {
        type: EVENT_ID.SCALAR,
        ...NO_PROPERTIES,
        valueStart: -1,
        valueEnd: -1,
        style: SCALAR_STYLE.PLAIN,
        chomping: 1,
        indent: -1,
        fast: false,
      };
    case EVENT_ID.DOCUMENT:
      return { ...event, directives: [] };
    case EVENT_ID.POP:
      return event;
    default:
      return { ...event, ...NO_PROPERTIES };
  }
}

// Returns a problem if the `%YAML` line has a version other than 1.2. That line is somewhere before the `---` of its
// document.
function version(events: readonly Event[], text: string, marker: number | undefined): readonly PlacedFinding[] {
  const [document] = events;
  const directives = document?.type === EVENT_ID.DOCUMENT ? document.directives : [];
  const directive = directives.find(({ kind }) => kind === 'yaml');
  if (directive?.kind !== 'yaml' || directive.version === '1.2') return [];
  const start = Math.max(0, text.lastIndexOf('%YAML', marker));
  const span: Span = { start, end: start + `%YAML ${directive.version}`.length };
  const message = `%YAML ${directive.version} has no effect: connsync always uses YAML 1.2`;
  return [{ code: 'yaml-version', message, hint: 'delete this line', span }];
}
