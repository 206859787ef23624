import { parseEvents, YAMLException, type Event } from 'js-yaml';
import type { PlacedFinding } from './finding.ts';

/** Collections and scalars nest at most this deep. */
export const MAX_DEPTH = 32;
/** So many broken documents of one file are told; the rest of the file is not read then. */
const MOST_FAILURES = 20;

export interface Parse {
  /** Only read; `constructFromEvents` has no `readonly` in its types. */
  readonly events: Event[];
  /** The text that the events' offsets count in: as given, but with broken documents blanked out. */
  readonly text: string;
  readonly failures: readonly PlacedFinding[];
}

/**
 * Parses a file's text into events. A document that can't be parsed is blanked out and the rest parsed again, so that
 * it hides none of its neighbours; every offset stays what it was. This never throws.
 */
export function parseYaml(whole: string): Parse {
  const failures: PlacedFinding[] = [];
  for (let text = whole; ;) {
    try {
      return { events: parseEvents(text, { maxDepth: MAX_DEPTH }), text, failures };
    } catch (error) {
      const failure = describe(error, text);
      const rest = withoutDocument(text, failure.span.start);
      if (rest === undefined) return { events: [], text: '', failures: [...failures, failure] };
      if (failures.length + 1 === MOST_FAILURES)
        return { events: [], text: '', failures: [...failures, unread(failure)] };
      failures.push(failure);
      text = rest;
    }
  }
}

function unread(failure: PlacedFinding): PlacedFinding {
  return { ...failure, message: `${failure.message} (the rest of the file was not read)` };
}

/** Where a `---` begins, for each of them in order: at the beginning of a line it can be nothing else. */
export function documentMarkers(text: string): readonly number[] {
  return Array.from(text.matchAll(/(?<![^\r\n])---(?=[ \t\r\n]|$)/g), ({ index }) => index);
}

// A directive belongs to the document behind it, and blanking would part them: such a file is not read any further.
function withoutDocument(text: string, failedAt: number): string | undefined {
  const markers = documentMarkers(text);
  if (markers.length === 0 || /(?<![^\r\n])%/.test(text)) return undefined;
  const starts = [0, ...markers.filter((at) => at > 0)];
  // What was not closed is noticed at the next document's marker.
  const start = starts.findLast((at) => at < failedAt) ?? 0;
  const end = starts.find((at) => at > start) ?? text.length;
  const blank = text.slice(start, end).replace(/[^\r\n]/g, ' ');
  const rest = text.slice(0, start) + blank + text.slice(end);
  return rest === text ? undefined : rest;
}

function describe(error: unknown, text: string): PlacedFinding {
  if (!(error instanceof YAMLException)) {
    return { code: 'yaml-syntax', message: String(error), hint: SYNTAX_HINT, span: { start: 0, end: 1 } };
  }
  const position = error.mark?.position ?? 0;
  const start = withinDocument(position, text);
  const words = classify(error.reason, text, start);
  const isUnclosed = start < position && words.code === 'yaml-syntax';
  return { ...words, ...(isUnclosed ? UNCLOSED : {}), span: { start, end: start + 1 } };
}

// What was never closed is noticed where the document ends. What is shown is the last thing that stands in it.
function withinDocument(position: number, text: string): number {
  const isEnd = position >= text.trimEnd().length || documentMarkers(text).includes(position);
  return isEnd ? Math.max(0, text.slice(0, position).trimEnd().length - 1) : position;
}

const SYNTAX_HINT = 'check the indentation, and quote text that holds ": " or " #"';
const UNCLOSED = {
  message: 'the document ends inside a quote, a bracket or a brace',
  hint: 'close what is still open here',
};

function classify(reason: string, text: string, start: number): Omit<PlacedFinding, 'span'> {
  if (reason.startsWith('nesting exceeded')) {
    const message = `collections nest more than ${MAX_DEPTH} deep`;
    return { code: 'yaml-depth', message, hint: 'a manifest needs four levels' };
  }
  if (/\btag\b/i.test(reason)) return { code: 'yaml-tag', message: reason, hint: 'delete the tag, or quote the text' };
  return { code: 'yaml-syntax', message: reason, hint: syntaxHint(reason, text, start) };
}

function syntaxHint(reason: string, text: string, start: number): string {
  const at = text.charAt(start);
  const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
  if (/\btabs?\b/.test(reason) || /^ *\t/.test(text.slice(lineStart, start)))
    return 'indent with spaces, not with tabs';
  if (reason === 'deficient indentation') return 'indent this line, or close the quote or bracket above';
  if (reason.includes('null byte')) return 'save the file as UTF-8 text';
  if (at !== '' && '@`%&*!'.includes(at)) return `quote text that begins with ${at}`;
  return SYNTAX_HINT;
}
