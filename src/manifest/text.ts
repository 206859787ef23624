import type { Problem } from '../core/diagnostic.ts';
import type { PlacedFinding, Span } from './finding.ts';
import { summarizeRest } from './order.ts';
import { Source } from './source.ts';

const BYTE_ORDER_MARK = '\uFEFF';
const LINE_FEED = 10;
/** Maximum number of problems reported per text. A last problem gives the number of the omitted ones. */
const MAX_PROBLEMS = 100;
const strict = new TextDecoder('utf-8', { fatal: true });

/**
 * Decodes the text of a manifest. Only UTF-8 is accepted, so that a byte in another encoding never becomes a wrong
 * letter. A byte order mark at the beginning is accepted and removed.
 */
export function decodeText(bytes: Uint8Array, file: string): { readonly text: string } | { readonly problem: Problem } {
  if (isUtf16(bytes)) {
    const source = new Source(file, '');
    return { problem: source.problem('not-utf8', 'the file is UTF-16, not UTF-8', NOWHERE, 'save it as UTF-8') };
  }
  try {
    return { text: strict.decode(bytes) };
  } catch {
    return { problem: badByte(bytes, file) };
  }
}

const NOWHERE: Span = { start: 0, end: 0 };

// Reports whether the text is in UTF-16, which has its own byte order mark. Without the mark, every other byte of
// English text is zero.
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return true;
  if (first === 0xfe && second === 0xff) return true;
  return bytes.length > 1 && (first === 0) !== (second === 0);
}

function badByte(bytes: Uint8Array, file: string): Problem {
  const at = firstBadByte(bytes);
  const before = new TextDecoder().decode(bytes.subarray(0, at));
  const source = new Source(file, new TextDecoder().decode(bytes));
  const byte = (bytes[at] ?? 0).toString(16).padStart(2, '0');
  return source.problem(
    'not-utf8',
    `byte 0x${byte} is not UTF-8`,
    { start: before.length, end: before.length + 1 },
    'save the file as UTF-8',
  );
}

// Returns the offset of the first invalid byte. A line feed is never part of a longer character, so this checks line by
// line, and then byte by byte in the bad line.
function firstBadByte(bytes: Uint8Array): number {
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, start);
    const end = feed < 0 ? bytes.length : feed + 1;
    const line = bytes.subarray(start, end);
    if (!isUtf8(line)) return start + lengthOfGoodPart(line);
    start = end;
  }
  return 0;
}

function lengthOfGoodPart(line: Uint8Array): number {
  let good = 0;
  let bad = line.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (canBegin(line.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  while (good > 0 && !isUtf8(line.subarray(0, good))) good--;
  return good;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

// Reports whether valid text can begin with these bytes. Streaming accepts a character that is truncated at the end.
function canBegin(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

const CONFLICT_LINE = /(?<![^\r\n])(?:<{7}|\|{7}|={7}|>{7})(?=[ \t\r\n]|$)/g;

/**
 * Finds problems that make parsing useless: unresolved merge conflicts, also in diff3 style, and byte order marks in
 * the middle, as left by joining files. Manifest text can't look like a conflict, because values in a mapping never
 * begin at the start of a line.
 */
export function checkText(source: Source): readonly Problem[] {
  const { text } = source;
  const found = [
    ...(hasConflict(text) ? conflicts(text) : []),
    ...(text.includes(BYTE_ORDER_MARK) ? strayMarks(text) : []),
  ];
  return summarizeRest(found, MAX_PROBLEMS, 'file').map((finding) => source.problemAt(finding));
}

function hasConflict(text: string): boolean {
  return text.includes('<<<<<<<') || text.includes('=======') || text.includes('>>>>>>>') || text.includes('|||||||');
}

// Returns one problem per conflict, at its first line, and one for each leftover marker line.
function conflicts(text: string): readonly PlacedFinding[] {
  const findings: PlacedFinding[] = [];
  let open = false;
  for (const { 0: mark, index } of text.matchAll(CONFLICT_LINE)) {
    const opens = mark.startsWith('<');
    if (opens || !open) findings.push({ ...CONFLICT, span: { start: index, end: index + mark.length } });
    open = opens || (open && !mark.startsWith('>'));
  }
  return findings;
}

const CONFLICT = {
  code: 'conflict-markers',
  message: 'the file contains an unresolved merge conflict',
  hint: 'resolve the conflict and delete its marker lines',
} as const;

function strayMarks(text: string): readonly PlacedFinding[] {
  return Array.from(text.matchAll(/\uFEFF/g), ({ index }) => ({
    ...STRAY_MARK,
    span: { start: index, end: index + 1 },
  }));
}

const STRAY_MARK = {
  code: 'stray-bom',
  message: 'the file contains a byte order mark (U+FEFF) after its beginning',
  hint: 'delete this invisible character',
} as const;
