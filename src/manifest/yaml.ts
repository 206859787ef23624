import { parseEvents, YAMLException, type Event } from 'js-yaml';
import type { PlacedFinding } from './finding.ts';

/** Maximum nesting depth of collections and scalars. */
export const MAX_DEPTH = 32;
/** Maximum number of broken documents reported per file. connsync doesn't read the rest of such a file. */
const MAX_FAILURES = 20;

export interface Parse {
  /** The events are never modified. The type isn't `readonly`, because `constructFromEvents` takes a mutable array. */
  readonly events: Event[];
  /** The text that the events' offsets refer to: as given, but with broken documents replaced by blanks. */
  readonly text: string;
  readonly failures: readonly PlacedFinding[];
}

/**
 * Parses a file's text into events. It replaces a broken document with blanks and parses again, so that one
 * document's error hides no other; all offsets stay the same. Never throws.
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
      if (failures.length + 1 === MAX_FAILURES)
        return { events: [], text: '', failures: [...failures, unread(failure)] };
      failures.push(failure);
      text = rest;
    }
  }
}

function unread(failure: PlacedFinding): PlacedFinding {
  return { ...failure, message: `${failure.message} (the rest of the file was not read)` };
}

/** Returns the offset of each `---` at the start of a line, where it can only be a document marker. */
export function documentMarkers(text: string): readonly number[] {
  return Array.from(text.matchAll(/(?<![^\r\n])---(?=[ \t\r\n]|$)/g), ({ index }) => index);
}

// Returns the text with the broken document blanked. Returns undefined if that is impossible: the text is a single
// document, or has a directive, which blanking could separate from its document. The rest of the file is then not read.
function withoutDocument(text: string, failedAt: number): string | undefined {
  const markers = documentMarkers(text);
  if (markers.length === 0 || /(?<![^\r\n])%/.test(text)) return undefined;
  const starts = [0, ...markers.filter((at) => at > 0)];
  // An unclosed quote or bracket is detected only at the marker of the next document, so that marker doesn't count.
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
  const unfinished = MISSING_COLON.test(error.reason) ? lineWithoutColon(text, position) : undefined;
  if (unfinished !== undefined) {
    const { start, end } = unfinished;
    return { code: 'yaml-syntax', ...(invisibleSpace(text.slice(start, end)) ?? NO_COLON), span: unfinished };
  }
  const words = classify(error.reason, text, start);
  const isUnclosed = start < position && words.code === 'yaml-syntax';
  return { ...words, ...(isUnclosed ? UNCLOSED : {}), span: { start, end: start + 1 } };
}

// Returns a position inside the broken document. An unclosed quote or bracket is detected only at the end of the
// document, so the error is reported at the document's last character.
function withinDocument(position: number, text: string): number {
  const isEnd = position >= text.trimEnd().length || documentMarkers(text).includes(position);
  return isEnd ? Math.max(0, text.slice(0, position).trimEnd().length - 1) : position;
}

// js-yaml detects a missing colon only at the next line, and words it as what it then expected.
const MISSING_COLON =
  /implicit key|block mapping entry|implicit mapping pair|separator is expected|sequence entry|after a mapping key/;
const NO_COLON = {
  message: 'this line has no colon and space between its name and its value',
  hint: 'write it as name: value',
};

/** Returns the problem of a colon that an invisible character follows, such as a no-break space pasted from a web page. */
function invisibleSpace(line: string): typeof NO_COLON | undefined {
  const [, character] = /:([\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff])/.exec(line) ?? [];
  if (character === undefined) return undefined;
  const number = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
  const name = number === '00A0' ? `U+${number}, a no-break space,` : `U+${number}, an invisible character,`;
  return { message: `${name} follows the colon on this line`, hint: 'replace it with an ordinary space' };
}

/** Returns the last line up to an error that has a name but no colon, if the error is on it or on the next one. */
function lineWithoutColon(text: string, position: number): PlacedFinding['span'] | undefined {
  const end = text.indexOf('\n', position);
  const lines = text.slice(0, end === -1 ? undefined : end).split('\n');
  const contentLines = lines
    .map((line, index) => ({ line, index }))
    .filter(({ line }) => line.trim() !== '' && !/^\s*#|^---/.test(line))
    .slice(-2);
  const found = contentLines.findLast(
    ({ line }) => /^\s*(- +)?[A-Za-z_][^"'[\]{}]*$/.test(line) && !/:([ \t\r]|$)/.test(line),
  );
  if (found === undefined) return undefined;
  const lineStart = lines.slice(0, found.index).reduce((sum, { length }) => sum + length + 1, 0);
  const start = lineStart + found.line.search(/[^\s-]/);
  return { start, end: lineStart + found.line.trimEnd().length };
}

const SYNTAX_HINT = 'check the indentation, and quote text that holds ": " or " #"';
const UNCLOSED = {
  message: 'the document ends inside a quote, a bracket or a brace',
  hint: 'close the open quote, bracket or brace',
};

function classify(reason: string, text: string, start: number): Omit<PlacedFinding, 'span'> {
  if (reason.startsWith('nesting exceeded')) {
    const message = `collections are nested more than ${MAX_DEPTH} levels deep`;
    return { code: 'yaml-depth', message, hint: 'remove the extra nesting; a manifest needs four levels' };
  }
  if (/\btag\b/i.test(reason)) return { code: 'yaml-tag', message: reason, hint: 'delete the tag, or quote the text' };
  return { code: 'yaml-syntax', message: reason, hint: syntaxHint(reason, text, start) };
}

function syntaxHint(reason: string, text: string, start: number): string {
  const at = text.charAt(start);
  const lineStart = Math.max(text.lastIndexOf('\n', start - 1), text.lastIndexOf('\r', start - 1)) + 1;
  if (/\btabs?\b/.test(reason) || /^ *\t/.test(text.slice(lineStart, start)))
    return 'indent with spaces instead of tabs';
  // Text directly after a closing quote, or in a block mapping after a space, was meant to be inside it.
  const isBlock = reason.startsWith('bad indentation');
  const [, quote] = (isBlock ? /(["']) *$/ : /(["'])$/).exec(text.slice(lineStart, start)) ?? [];
  if (quote === "'" && /\w/.test(at)) return "double an apostrophe inside single quotes: 'Bob''s tier'";
  if (quote === '"' && /\w/.test(at)) return 'put a backslash before a quote inside double quotes: "5\\" pipe"';
  if (reason === 'deficient indentation') return 'indent this line, or close the quote or bracket above';
  if (reason.includes('null byte')) return 'save the file as UTF-8 text';
  if (at !== '' && '@`%&*!'.includes(at)) return `quote text that begins with ${at}`;
  return SYNTAX_HINT;
}
