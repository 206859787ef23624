import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import { Failure } from '../core/diagnostic.ts';
import type { Intent, Outcome } from '../core/ports.ts';

const JOURNAL = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
const onDisk = promisify(fdatasync);
/** Below so many milliseconds a disk counts as quick. */
const QUICK_MS = 2;

type Line = { readonly seq: number; readonly t: number } & (
  | { readonly state: 'intent'; readonly intent: Intent }
  | { readonly state: Outcome['state']; readonly key: string; readonly digest: string }
);

/**
 * The write-ahead journal: one JSON line for each intent, before its first byte is sent, and one for how it ended.
 * Every line ends with a CRC-32 of itself, so that a tail torn by a crash is told from damage in the middle.
 * Mode 0600, never through a link, gone after a clean run.
 */
export interface Journal {
  /** Intents without an end, in the order in which they were made. Throws a Failure `journal-damaged`. */
  open(): readonly Intent[];
  /** Resolves once the line is on disk. Lines that are waiting at the same time share one fsync. */
  append(line: { readonly intent: Intent } | { readonly outcome: Outcome }): Promise<void>;
  /** Lets go of the file; it stays where an intent is still open. */
  close(): Promise<void>;
}

export function fileJournal(path: string, now: () => number): Journal {
  let file: number | undefined;
  let seq = 0;
  let waiting: string[] = [];
  let flushing: Promise<void> = Promise.resolve();
  /** Keys of intents without an end, of this run and of those before it. */
  const open = new Set<string>();

  // On a quick disk the wait is shorter than the way to a thread and back; on a slow one it would hold up everything else,
  // so it goes to a thread, and the lines that come meanwhile share the next one.
  let quick = true;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(waiting.join(''));
    if (bytes.length === 0) return;
    waiting = [];
    file ??= openJournal(path);
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    const started = performance.now();
    if (quick) fdatasyncSync(file);
    else await onDisk(file);
    quick = performance.now() - started < QUICK_MS;
  };

  return {
    open: () => {
      const found = openIntents(readLines(path));
      for (const { key } of found) open.add(key);
      return found;
    },
    append: async (entry) => {
      const common = { seq: (seq += 1), t: now() };
      const line: Line =
        'intent' in entry ? { ...common, state: 'intent', intent: entry.intent } : { ...common, ...entry.outcome };
      if ('intent' in entry) open.add(entry.intent.key);
      else if (entry.outcome.state !== 'unclear') open.delete(entry.outcome.key);
      waiting.push(printLine(line));
      flushing = flushing.then(flush);
      try {
        await flushing;
      } catch (cause) {
        throw new Failure('disk-failure', `could not write ${path}: ${reasonOf(cause)}`, {
          cause,
          hint: 'free some space or mend the rights, then run again',
        });
      }
    },
    close: async () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
      if (open.size === 0) rmSync(path, { force: true });
    },
  };
}

/** Opens it for appending. What a crash tore off at its end goes first, or the next line would not be told from damage. */
function openJournal(path: string): number {
  const whole = readLines(path).map(printLine).join('');
  const file = openSync(path, JOURNAL, 0o600);
  ftruncateSync(file, Buffer.byteLength(whole));
  return file;
}

function openIntents(lines: readonly Line[]): readonly Intent[] {
  const open = new Map<string, Intent>();
  for (const line of lines) {
    if (line.state === 'intent') open.set(line.intent.key, line.intent);
    else if (line.state !== 'unclear') open.delete(line.key);
  }
  return [...open.values()];
}

function readLines(path: string): readonly Line[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isFile()) throw damaged(path, 'it is not a regular file');
  const texts = readFileSync(path, 'utf8').split('\n');
  const lines = texts.map(parseLine);
  const torn = lines.indexOf(undefined);
  // A crash tears the tail, and what never became durable was never sent. A good line behind a bad one is damage.
  if (torn >= 0 && lines.slice(torn).some((line) => line !== undefined))
    throw damaged(path, `line ${torn + 1} does not match its checksum`);
  return lines.filter((line) => line !== undefined);
}

function printLine(line: Line): string {
  const text = JSON.stringify(line);
  return `${text.slice(0, -1)},"crc":"${checksum(text)}"}\n`;
}

function parseLine(text: string): Line | undefined {
  const tail = /,"crc":"([0-9a-f]{8})"\}$/.exec(text);
  if (tail === null || checksum(`${text.slice(0, tail.index)}}`) !== tail[1]) return undefined;
  return JSON.parse(`${text.slice(0, tail.index)}}`) as Line;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

function damaged(path: string, why: string): Failure {
  return new Failure('journal-damaged', `${path} is damaged: ${why}`, {
    hint: 'look at what is live with connsync plan, then move the journal away and apply again',
  });
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
