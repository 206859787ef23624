import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../files/atomic-write.ts';

/** Identifies the lockfile that a scratch folder belongs to, because a job may apply several lockfiles. */
export interface ScratchOptions {
  /** RUNNER_TEMP, which exists until the end of the job. */
  readonly temporary: string;
  readonly branch: string;
  /** Path of the lockfile, relative to the repository's root. */
  readonly path: string;
}

/**
 * The files that an apply keeps on the runner's disk until its changes are recorded. The step at the end of the job
 * reads these files, and a person can use them to recover.
 */
export interface Scratch {
  readonly folder: string;
  readonly journal: string;
  /** The lockfile with all changes. The workflow templates upload files that end in `.lock`. */
  readonly aside: string;
  readonly base: Kept;
  keepAside(text: string): void;
  dropAside(): void;
}

/** The branch's lockfile as far as known: the one that the run planned from, or the one last recorded. */
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
