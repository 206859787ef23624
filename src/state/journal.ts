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
import { Failure } from '../core/diagnostic.ts';
import type { Intent, OpenIntent, Outcome, Version } from '../core/ports.ts';
import { syncFolderOf } from './folder.ts';
import { parseJournal, printLine, type Line } from './journal-text.ts';

const JOURNAL = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (constants.O_NOFOLLOW ?? 0);
const onDisk = promisify(fdatasync);
/** Below so many milliseconds a disk counts as quick. */
const QUICK_MS = 2;

/** What a journal says about a lockfile of one version. */
export interface JournalState {
  /** Intents without an end, in the order in which they were made. */
  readonly open: readonly OpenIntent[];
  /** What was done since that version, and stands in no lockfile yet; `record` is what is to stand there. */
  readonly done: readonly OpenIntent[];
}

/**
 * The write-ahead journal: one JSON line for each intent, before its first byte is sent, and one for how it ended.
 * Every line ends with a CRC-32 of itself, so that a tail torn by a crash is told from damage in the middle.
 * Mode 0600, never through a link, gone after a clean run.
 */
export interface Journal {
  /** Throws a Failure `journal-damaged`. */
  read(version: Version): JournalState;
  /** Resolves once the line is on disk. Lines that are waiting at the same time share one fsync. */
  append(line: { readonly intent: Intent } | { readonly outcome: Outcome }): Promise<void>;
  /**
   * The lockfile says everything that was done. The file goes; where an intent is still open, only that stays in it. Throws a
   * Failure `disk-failure`.
   */
  committed(version: Version): void;
}

export function fileJournal(path: string, now: () => number): Journal {
  let file: number | undefined;
  let seq = 0;
  let waiting: string[] = [];
  let flushing: Promise<void> = Promise.resolve();
  /** The lockfile that the next lines are about, and the one that the last lines on disk are about. */
  let version: Version | undefined;
  let written: Version | undefined;
  /** Intents without an end, of this run and of those before it. */
  const open = new Map<string, Line>();

  // On a quick disk the wait is shorter than the way to a thread and back; on a slow one it would hold up everything else,
  // so it goes to a thread, and the lines that come meanwhile share the next one.
  let quick = true;
  const flush = async (): Promise<void> => {
    const bytes = Buffer.from(waiting.join(''));
    if (bytes.length === 0) return;
    waiting = [];
    file ??= openJournal(path);
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    const started = performance.now();
    if (quick) fdatasyncSync(file);
    else await onDisk(file);
    quick = performance.now() - started < QUICK_MS;
  };
  const numbered = (line: LineBody): Line => ({ seq: (seq += 1), t: now(), ...line });

  return {
    read: (of) => {
      const lines = readLines(path);
      const state = stateOf(lines, of);
      version = of;
      written = lines.findLast((line) => line.state === 'base')?.version;
      seq = lines.at(-1)?.seq ?? 0;
      open.clear();
      for (const { at: t, ...intent } of state.open) open.set(intent.key, { seq: 0, t, state: 'intent', intent });
      return state;
    },
    append: async (entry) => {
      if (version !== undefined && version !== written) {
        waiting.push(printLine(numbered({ state: 'base', version })));
        written = version;
      }
      const line = numbered('intent' in entry ? { state: 'intent', intent: entry.intent } : entry.outcome);
      if ('intent' in entry) open.set(entry.intent.key, line);
      else if (entry.outcome.state !== 'unclear') open.delete(entry.outcome.key);
      waiting.push(printLine(line));
      flushing = flushing.then(flush);
      try {
        await flushing;
      } catch (cause) {
        throw refused(`could not write ${path}`, cause);
      }
    },
    committed: (to) => {
      if (file !== undefined) closeSync(file);
      file = undefined;
      version = to;
      written = open.size === 0 ? undefined : to;
      try {
        if (open.size === 0) rmSync(path, { force: true });
        else replaceWith(path, [numbered({ state: 'base', version: to }), ...open.values()]);
      } catch (cause) {
        throw refused(`could not put away ${path}, though all that it holds is recorded`, cause);
      }
    },
  };
}

/** What was done before stands in the lockfile now: were it left, it would count again if the lockfile came back to an old text. */
function replaceWith(path: string, lines: readonly Line[]): void {
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

/** Opens it for appending. What a crash tore off at its end goes first, or the next line would not be told from damage. */
function openJournal(path: string): number {
  const isNew = lstatSync(path, { throwIfNoEntry: false }) === undefined;
  const whole = readLines(path).map(printLine).join('');
  const file = openSync(path, JOURNAL, 0o600);
  ftruncateSync(file, Buffer.byteLength(whole));
  // Else a power cut could take the file's name, with all that stands in it.
  if (isNew) syncFolderOf(path);
  return file;
}

function stateOf(lines: readonly Line[], version: Version): JournalState {
  const open = new Map<string, OpenIntent>();
  const done = new Map<string, OpenIntent>();
  let base: Version | undefined;
  for (const line of lines) {
    switch (line.state) {
      case 'base':
        // What was done over another lockfile was committed into it, or given up with it.
        if (line.version !== base) done.clear();
        base = line.version;
        break;
      case 'intent':
        open.set(line.intent.key, { ...line.intent, at: line.t });
        break;
      case 'unclear':
        break;
      case 'done':
      case 'failed':
      case 'aborted': {
        const intent = open.get(line.key);
        open.delete(line.key);
        if (intent !== undefined && (line.state === 'done' || line.leaves !== undefined))
          done.set(line.key, withRecord(intent, line.leaves));
        break;
      }
      default:
        line satisfies never;
    }
  }
  return { open: [...open.values()], done: base === version ? [...done.values()] : [] };
}

function withRecord(intent: OpenIntent, leaves: Outcome['leaves']): OpenIntent {
  if (leaves === undefined) return intent;
  const { record: _, ...rest } = intent;
  return leaves === null ? rest : { ...rest, record: leaves };
}

function readLines(path: string): readonly Line[] {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  if (!stat.isFile()) throw damaged(path, 'it is not a regular file');
  const parsed = parseJournal(readFileSync(path, 'utf8'));
  if ('damagedLine' in parsed) throw damaged(path, `line ${parsed.damagedLine} does not match its checksum`);
  return parsed.lines;
}

function damaged(path: string, why: string): Failure {
  return new Failure('journal-damaged', `${path} is damaged: ${why}`, {
    hint: 'move it away, then look at connsync plan: what is live and equal is adopted by the next apply',
  });
}

function refused(what: string, cause: unknown): Failure {
  return new Failure('disk-failure', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
    hint: 'free some space or mend the rights, then run again',
  });
}
