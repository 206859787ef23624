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
  /** What was done since that version, and stands in no lockfile yet. */
  readonly done: readonly Intent[];
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
   * The lockfile says everything that was done: lets go of the file, which stays where an intent is still open. Throws a Failure
   * `disk-failure` where it can't be removed.
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
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
    const started = performance.now();
    if (quick) fdatasyncSync(file);
    else await onDisk(file);
    quick = performance.now() - started < QUICK_MS;
  };
  const queue = (line: LineBody): void => void waiting.push(printLine({ seq: (seq += 1), t: now(), ...line }));

  return {
    read: (of) => {
      const lines = readLines(path);
      const state = stateOf(lines, of);
      version = of;
      written = lines.findLast((line) => line.state === 'base')?.version;
      seq = lines.at(-1)?.seq ?? 0;
      open.clear();
      for (const { key } of state.open) open.add(key);
      return state;
    },
    append: async (entry) => {
      if (version !== undefined && version !== written) {
        queue({ state: 'base', version });
        written = version;
      }
      if ('intent' in entry) {
        open.add(entry.intent.key);
        queue({ state: 'intent', intent: entry.intent });
      } else {
        if (entry.outcome.state !== 'unclear') open.delete(entry.outcome.key);
        queue(entry.outcome);
      }
      flushing = flushing.then(flush);
      try {
        await flushing;
      } catch (cause) {
        throw refused(`could not write ${path}`, cause);
      }
    },
    committed: (to) => {
      version = to;
      if (file !== undefined) closeSync(file);
      file = undefined;
      if (open.size > 0) return;
      try {
        rmSync(path, { force: true });
      } catch (cause) {
        throw refused(`could not remove ${path}, though all that it holds is recorded`, cause);
      }
    },
  };
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
  const done = new Map<string, Intent>();
  let base: Version | undefined;
  for (const line of lines) {
    switch (line.state) {
      case 'base':
        base = line.version;
        break;
      case 'intent':
        open.set(line.intent.key, { ...line.intent, at: line.t });
        break;
      case 'unclear':
        break;
      case 'done': {
        const intent = open.get(line.key);
        if (intent !== undefined && base === version) done.set(line.key, intent);
        open.delete(line.key);
        break;
      }
      case 'failed':
      case 'aborted':
        open.delete(line.key);
        break;
      default:
        line satisfies never;
    }
  }
  return { open: [...open.values()], done: [...done.values()] };
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
    hint: 'look at what is live with connsync plan, then move the journal away and apply again',
  });
}

function refused(what: string, cause: unknown): Failure {
  return new Failure('disk-failure', `${what}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    cause,
    hint: 'free some space or mend the rights, then run again',
  });
}
