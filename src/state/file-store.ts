import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../core/diagnostic.ts';
import type { StateStore } from '../core/ports.ts';
import { fileJournal } from './journal.ts';
import { journalledStore } from './journalled-store.ts';
import { holdRunLock } from './run-lock.ts';

export interface FileStoreOptions {
  /** Absolute path of the lockfile. The journal and the run lock are in the same folder. */
  readonly path: string;
  /** The path that messages show. */
  readonly shown: string;
  /** Replaces the file atomically. Throws `Failure('disk-failure')`. */
  readonly write: (path: string, text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Returns the state store of one checkout: the lockfile `connections.lock`, which is committed to Git, with its journal
 * in the same folder.
 */
export function fileStore({ path, shown, write, now }: FileStoreOptions): StateStore {
  return journalledStore({
    home: {
      hold: async (holder, waitMs, signal, waiting) => {
        makeFolder(dirname(path), shown);
        const release = await holdRunLock(`${path}.lock`, holder, { shown, waitMs, signal, waiting });
        removeLeftovers(path);
        return release;
      },
      read: async () => readText(path, shown),
      write: async (text) => write(path, text),
    },
    journal: fileJournal(`${path}.journal`, now),
    shown,
  });
}

/**
 * Removes temporary lockfiles that a killed run left behind. Only the holder of the run lock writes them, so none is
 * in use.
 */
function removeLeftovers(path: string): void {
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
    throw new Failure('disk-failure', `could not create the folder for ${shown}: ${reason}`, {
      cause,
      hint: 'fix the permissions of that folder, or choose another path with --lockfile',
    });
  }
}

function readText(path: string, shown: string): string | undefined {
  try {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    if (!stat.isFile()) throw new Error('it is not a regular file, and connsync does not follow links');
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (cause instanceof TypeError)
      throw new Failure('lockfile-damaged', `${shown} is damaged: it is not UTF-8 text`, {
        place: { file: shown },
        cause,
        hint: 'restore it from Git, or run connsync state rebuild to recreate it from Datadog',
      });
    throw new Failure('disk-failure', `could not read ${shown}: ${reason}`, {
      place: { file: shown },
      cause,
      hint: 'fix the permissions of the file, or choose another path with --lockfile',
    });
  }
}
