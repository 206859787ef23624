import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../files/atomic-write.ts';

/** Which lockfile a folder is about: a job may apply several. */
export interface ScratchOptions {
  /** RUNNER_TEMP, which outlives the step. */
  readonly temporary: string;
  readonly branch: string;
  /** The lockfile, from the repository's root. */
  readonly path: string;
}

/** What an apply keeps on the runner's disk until it is recorded, for the step at the job's end and for whoever has to recover it. */
export interface Scratch {
  readonly folder: string;
  readonly journal: string;
  /** The lockfile as it should be. The workflows of the templates keep what ends in `.lock`. */
  readonly aside: string;
  readonly base: Kept;
  keepAside(text: string): void;
  dropAside(): void;
}

/** The lockfile that the branch is known to have: planned from, or recorded since. */
interface Kept {
  read(): string | undefined;
  write(text: string | undefined): void;
}

export function openScratch({ temporary, branch, path }: ScratchOptions): Scratch {
  const name = createHash('sha256')
    .update(JSON.stringify([branch, path]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(temporary, 'connsync', name);
  mkdirSync(folder, { recursive: true });
  const aside = join(folder, 'connections.lock');
  const base = `${aside}.base`;
  return {
    folder,
    journal: `${aside}.journal`,
    aside,
    base: {
      read: () => (existsSync(base) ? readFileSync(base, 'utf8') : undefined),
      write: (text) => {
        if (text === undefined) rmSync(base, { force: true });
        else writeAtomically(base, text);
      },
    },
    keepAside: (text) => writeAtomically(aside, text),
    dropAside: () => rmSync(aside, { force: true }),
  };
}
