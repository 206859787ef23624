import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../core/diagnostic.ts';
import type { StateStore } from '../core/ports.ts';
import { fileJournal } from './journal.ts';
import { journalledStore } from './journalled-store.ts';
import { holdRunLock } from './run-lock.ts';

export interface FileStoreOptions {
  /** Absolute path of the lockfile; the journal and the run lock stand beside it. */
  readonly path: string;
  /** The path as messages show it. */
  readonly shown: string;
  /** Replaces the file whole; throws a Failure `disk-failure`. */
  readonly write: (path: string, text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The state store of a single machine or checkout: `connections.lock`, committed to Git, with its journal beside it. */
export function fileStore({ path, shown, write, now }: FileStoreOptions): StateStore {
  return journalledStore({
    home: {
      hold: async (holder, waitMs, signal, waiting) => {
        makeFolder(dirname(path), shown);
        const release = await holdRunLock(`${path}.lock`, holder, { shown, waitMs, signal, waiting });
        sweep(path);
        return release;
      },
      read: async () => readText(path, shown),
      write: async (text) => write(path, text),
    },
    journal: fileJournal(`${path}.journal`, now),
    shown,
  });
}

/** What a killed run left of a lockfile that it was about to put in place. Whoever holds the lock is the only one who writes. */
function sweep(path: string): void {
  const prefix = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(prefix) && /^(?:journal\.)?[0-9a-f]{12}\.tmp$/.test(name.slice(prefix.length)))
      rmSync(join(dirname(path), name), { force: true });
}

function makeFolder(folder: string, shown: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('disk-failure', `could not make the folder of ${shown}: ${reason}`, {
      cause,
      hint: 'mend its rights, or name another with --lockfile',
    });
  }
}

function readText(path: string, shown: string): string | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isFile()) throw new Error('it is not a regular file, and links are never followed');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof TypeError)
      throw new Failure('lockfile-damaged', `${shown} is damaged: it is not UTF-8 text`, {
        place: { file: shown },
        cause,
        hint: 'take it from Git again, or make it anew from live with connsync state rebuild',
      });
    throw new Failure('disk-failure', `could not read ${shown}: ${reason}`, {
      place: { file: shown },
      cause,
      hint: 'mend its rights, or name another with --lockfile',
    });
  }
}
