import { compact } from '../../core/compact.ts';
import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import { writeAtomically } from '../../files/atomic-write.ts';
import { readFirstLine } from '../../files/read.ts';
import { writeNew } from '../../files/write-new.ts';
import type { ExistingFiles, FileStep } from '../../init/scaffold.ts';

/**
 * Returns the existing files among `files`, which are relative to `folder`. Throws a Failure `disk-failure` before
 * anything is written if a path contains a link, which could lead outside the folder, or if it is a pipe, a device or
 * a socket, since reading a pipe blocks.
 */
export function existingFiles(folder: string, files: readonly string[]): ExistingFiles {
  const existing = new Map<string, string | null>();
  for (const file of files) {
    rejectLinks(folder, file);
    const stat = lstatSync(join(folder, file), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (!stat.isFile() && !stat.isDirectory()) throw notWritable(file, 'it is not a regular file');
    existing.set(file, textOf(join(folder, file)));
  }
  return existing;
}

function rejectLinks(folder: string, file: string): void {
  const steps = file.split('/');
  for (const [index] of steps.entries()) {
    const at = steps.slice(0, index + 1).join('/');
    const stat = lstatSync(join(folder, at), { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isSymbolicLink()) throw notWritable(file, `${at} is a link, and connsync does not follow links`);
    if (index < steps.length - 1 && !stat.isDirectory()) throw notWritable(file, `${at} is not a folder`);
  }
}

function notWritable(file: string, reason: string): Failure {
  return new Failure('disk-failure', `could not write ${file}: ${reason}`, {
    hint: 'nothing was written; move it away, then run connsync init again',
  });
}

/** Returns a file's text; null for a folder, an unreadable file, or an encoding other than UTF-8. */
function textOf(path: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch {
    return null;
  }
}

/** Writes the files. Skips files that were created while the questions were asked. */
export function runSteps(folder: string, steps: readonly FileStep[], report: Report): void {
  for (const step of steps) {
    const { kind, file } = step;
    switch (kind) {
      case 'write':
        report({ type: writeNew(folder, join(folder, file), step.text) ? 'file-written' : 'file-skipped', file });
        break;
      case 'append':
        writeAtomically(join(folder, file), step.text);
        report({ type: 'file-written', file, appended: step.appended });
        break;
      case 'leave':
        report({ type: 'file-skipped', file, ...compact({ hint: step.hint }) });
        break;
      default:
        kind satisfies never;
    }
  }
}

export interface GitRepository {
  readonly at: 'root' | 'below' | 'none';
  /** The default branch according to Git's files; `main` if they don't show it. */
  readonly branch: string;
}

/**
 * Returns where the folder is in a Git repository, if it is in one. Reads Git's files, so Git need not be installed.
 */
export function repositoryOf(folder: string): GitRepository {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (lstatSync(join(at, '.git'), { throwIfNoEntry: false }) !== undefined)
      return { at: at === resolve(folder) ? 'root' : 'below', branch: defaultBranch(at) };
    if (at === dirname(at)) return { at: 'none', branch: 'main' };
  }
}

/** Returns the remote's default branch; otherwise the current branch if it is `master` or `trunk`; otherwise `main`. */
function defaultBranch(root: string): string {
  const remote = /^ref: refs\/remotes\/origin\/(.+)$/.exec(gitFile(root, 'refs/remotes/origin/HEAD'))?.[1];
  const current = /^ref: refs\/heads\/(.+)$/.exec(gitFile(root, 'HEAD'))?.[1];
  return remote ?? (current === 'master' || current === 'trunk' ? current : 'main');
}

function gitFile(root: string, file: string): string {
  return readFirstLine(join(root, '.git', file), LONGEST_REF);
}

/** Maximum size of a ref that is read, in bytes. No realistic branch name is that long. */
const LONGEST_REF = 4096;
