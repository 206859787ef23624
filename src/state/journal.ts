import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { compact } from '../core/compact.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Intent, OpenIntent, Outcome } from '../core/ports.ts';
import { syncFolderOf } from './folder.ts';
import { parseJournal, printLine, type Line } from './journal-text.ts';

const JOURNAL = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
const fdatasyncOnThread = promisify(fdatasync);
/** A disk that completes an fsync within this many milliseconds counts as fast. */
const FAST_MS = 2;

/** A change that an earlier run completed. */
export interface DoneIntent extends OpenIntent {
  /** Fingerprint of the record that the lockfile had for this key when the intent was made. */
  readonly was?: string;
}

/** The contents of a journal. */
export interface JournalState {
  /** Intents without an outcome, oldest first. */
  readonly open: readonly OpenIntent[];
  /** Completed changes. `record` is the record to write. */
  readonly done: readonly DoneIntent[];
}

/**
 * The write-ahead journal: one JSON line for each intent, written before its request is sent, and one for its
 * outcome. Every line ends with its own CRC-32, which distinguishes a tail torn by a crash from damage in the middle.
 * The file has mode 0600, is never opened through a link, and is removed after a clean run.
 */
export interface Journal {
  /** Returns the contents of the journal. Throws `Failure('journal-damaged')`. */
  read(): JournalState;
  /** Resolves when the line is on disk. Lines that are waiting at the same time share one fsync. */
  append(line: { readonly intent: Intent; readonly was: string } | { readonly outcome: Outcome }): Promise<void>;
  /**
   * Called after the lockfile was written. Removes the completed changes from the journal, and the whole file if no
   * intent is open. Throws `Failure('disk-failure')`.
   */
  committed(): void;
}

export function fileJournal(path: string, now: () => number): Journal {
  const writer = openWriter(path);
  let seq = 0;
  /** Intents without an outcome, from this run and earlier ones. */
  const open = new Map<string, Line>();

  const numbered = (line: LineBody): Line => ({ seq: (seq += 1), t: now(), ...line });

  return {
    read: () => {
      const { lines } = readLines(path);
      const state = stateOf(lines);
      seq = lines.at(-1)?.seq ?? 0;
      open.clear();
      for (const line of lines)
        if (line.state === 'intent' && state.open.some(({ key, at }) => key === line.intent.key && at === line.t))
          open.set(line.intent.key, line);
      return state;
    },
    append: async (entry) => {
      const line = numbered('intent' in entry ? { state: 'intent', ...entry } : entry.outcome);
      if ('intent' in entry) open.set(entry.intent.key, line);
      else if (entry.outcome.state !== 'unclear') open.delete(entry.outcome.key);
      writer.add(line);
      try {
        await writer.flush();
      } catch (cause) {
        throw diskFailure(`could not write ${path}`, cause);
      }
    },
    committed: () => {
      writer.close();
      try {
        if (open.size === 0) rmSync(path, { force: true });
        else rewriteJournal(path, [...open.values()]);
      } catch (cause) {
        throw diskFailure(`every change is recorded, but connsync could not clear ${path}`, cause);
      }
    },
  };
}

interface Writer {
  add(line: Line): void;
  /** Resolves when every line added so far is on disk. */
  flush(): Promise<void>;
  close(): void;
}

/** Returns a writer that appends lines to the journal. It opens the file when it writes the first line. */
function openWriter(path: string): Writer {
  let file: number | undefined;
  let pending: string[] = [];
  let flushing: Promise<void> = Promise.resolve();
  // On a fast disk, a synchronous fsync takes less time than a round trip to a thread. On a slow disk it would block
  // everything else, so it runs on a thread, and lines that arrive meanwhile share the next fsync.
  let isFast = true;
  const writePending = async (): Promise<void> => {
    const bytes = Buffer.from(pending.join(''));
    if (bytes.length === 0) return;
    pending = [];
    file ??= openJournal(path);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    const started = performance.now();
    if (isFast) fdatasyncSync(file);
    else await fdatasyncOnThread(file);
    isFast = performance.now() - started < FAST_MS;
  };
  return {
    add: (line) => pending.push(printLine(line)),
    flush: () => (flushing = flushing.then(writePending)),
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}

/**
 * Replaces the journal with the given lines, which leave out completed changes. The lockfile now contains those, and
 * connsync would add them again if someone reset the lockfile to an older version.
 */
function rewriteJournal(path: string, lines: readonly Line[]): void {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
  try {
    const bytes = Buffer.from(lines.map(printLine).join(''));
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    fdatasyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolderOf(path);
}

type LineBody = Line extends infer L ? (L extends Line ? Omit<L, 'seq' | 't'> : never) : never;

/**
 * Opens the journal for appending. It first cuts a torn tail, which would otherwise look like damage in the middle, and
 * completes a last line whose newline was lost.
 */
function openJournal(path: string): number {
  const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
  const { bytes, endsInLine } = readLines(path);
  const file = openSync(path, JOURNAL, 0o600);
  ftruncateSync(file, bytes);
  if (endsInLine) writeSync(file, '\n');
  // Without this, a power failure could lose the new file's name and its contents with it.
  if (isNew) syncFolderOf(path);
  return file;
}

function stateOf(lines: readonly Line[]): JournalState {
  const open = new Map<string, DoneIntent>();
  const done = new Map<string, DoneIntent>();
  for (const line of lines) {
    switch (line.state) {
      case 'intent':
        open.set(line.intent.key, { ...line.intent, at: line.t, ...compact({ was: line.was }) });
        break;
      case 'unclear':
        break;
      case 'done':
      case 'failed':
      case 'aborted': {
        // A second outcome corrects a completed change that Datadog accepted but did not apply.
        const intent = open.get(line.key) ?? (line.record === undefined ? undefined : done.get(line.key));
        open.delete(line.key);
        if (intent !== undefined && (line.state === 'done' || line.record !== undefined))
          done.set(line.key, withRecord(intent, line.record));
        break;
      }
      default:
        line satisfies never;
    }
  }
  return { open: [...open.values()].map(({ was: _was, ...intent }) => intent), done: [...done.values()] };
}

function withRecord(intent: DoneIntent, record: Outcome['record']): DoneIntent {
  if (record === undefined) return intent;
  const { record: _record, ...rest } = intent;
  return record === null ? rest : { ...rest, record };
}

interface ReadLines {
  readonly lines: readonly Line[];
  /** Length of the complete lines in bytes, without a torn tail. */
  readonly bytes: number;
  /** True if the last complete line has no newline. */
  readonly endsInLine: boolean;
}

function readLines(path: string): ReadLines {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return { lines: [], bytes: 0, endsInLine: false };
  if (!stat.isFile()) throw damaged(path, 'it is not a regular file');
  const parsed = parseJournal(readFileSync(path, 'utf8'));
  if ('damagedLine' in parsed) throw damaged(path, `line ${parsed.damagedLine} ${parsed.why}`);
  return parsed;
}

function damaged(path: string, why: string): Failure {
  return new Failure('journal-damaged', `${path} is damaged: ${why}`, {
    hint: 'move the file away and run connsync plan: the next apply adopts live connections that equal their manifests',
  });
}

function diskFailure(what: string, cause: unknown): Failure {
  return new Failure('disk-failure', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
    hint: 'free some space or fix the permissions, then run the command again',
  });
}
