import { crc32 } from 'node:zlib';
import type { Intent, Outcome } from '../core/ports.ts';

/**
 * One line of the journal. `t` is in milliseconds since the epoch.
 *
 * | state                          | meaning                                                                        |
 * | ------------------------------ | ------------------------------------------------------------------------------ |
 * | intent                         | connsync is about to send this request; `was` is the recorded line's fingerprint |
 * | done, failed, aborted, unclear | the outcome of this key's intent                                               |
 */
export type Line = { readonly seq: number; readonly t: number } & (
  { readonly state: 'intent'; readonly intent: Intent; readonly was?: string } | Outcome
);

export interface ParsedJournal {
  readonly lines: readonly Line[];
  /** Length of the complete lines in bytes, without a torn tail. */
  readonly bytes: number;
  /** True if the last complete line has no newline. */
  readonly endsInLine: boolean;
}

/** Returns the text of a line, with its checksum as the last member. */
export function printLine(line: Line): string {
  const text = JSON.stringify(line);
  return `${text.slice(0, -1)},"crc":"${checksum(text)}"}\n`;
}

/**
 * Parses a journal. A crash can tear off any number of lines at the end, and connsync never sent a request whose line
 * was not durable, so bad lines at the end are dropped. A good line after a bad one means that the file is damaged, and
 * so does a line with a valid checksum that is no journal line.
 */
export function parseJournal(text: string): ParsedJournal | { readonly damagedLine: number; readonly why: string } {
  const texts = text.split('\n');
  const lines: Line[] = [];
  let torn: number | undefined;
  for (const [index, each] of texts.entries()) {
    const value = parseLine(each);
    if (value === undefined) torn ??= index;
    else if (torn !== undefined) return { damagedLine: torn + 1, why: 'does not match its checksum' };
    else if (isLine(value)) lines.push(value);
    else return { damagedLine: index + 1, why: 'is not a journal line' };
  }
  const whole = texts.slice(0, lines.length).join('\n');
  const endsInLine = lines.length > 0 && lines.length === texts.length;
  const newline = lines.length > 0 && !endsInLine ? 1 : 0;
  return { lines, bytes: Buffer.byteLength(whole) + newline, endsInLine };
}

/** Returns the value of a line; undefined if the line doesn't match its checksum. */
function parseLine(text: string): unknown {
  const tail = /,"crc":"([0-9a-f]{8})"\}$/.exec(text);
  if (tail === null || checksum(`${text.slice(0, tail.index)}}`) !== tail[1]) return undefined;
  try {
    return JSON.parse(`${text.slice(0, tail.index)}}`) as unknown;
  } catch {
    return null;
  }
}

const OPS: readonly unknown[] = ['create', 'update', 'replace', 'delete'] satisfies readonly Intent['op'][];
const OUTCOMES: readonly unknown[] = ['done', 'failed', 'aborted', 'unclear'] satisfies readonly Outcome['state'][];

function isLine(value: unknown): value is Line {
  if (!isObject(value) || typeof value['seq'] !== 'number' || typeof value['t'] !== 'number') return false;
  if (OUTCOMES.includes(value['state'])) return isKey(value['key']) && typeof value['digest'] === 'string';
  return value['state'] === 'intent' && isIntent(value['intent']);
}

function isIntent(value: unknown): value is Intent {
  if (!isObject(value) || !OPS.includes(value['op']) || !isKey(value['key'])) return false;
  const { digest, target, before, after, record } = value;
  const isTargeted = isObject(target) && typeof target['site'] === 'string';
  const areSpecs = [before, after].every((spec) => spec === undefined || isObject(spec));
  const isRecorded = record === undefined || (isObject(record) && isObject(record['spec']));
  return typeof digest === 'string' && isTargeted && areSpecs && isRecorded;
}

function isKey(value: unknown): boolean {
  return typeof value === 'string' && /^[^/]+\/[^]/.test(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
