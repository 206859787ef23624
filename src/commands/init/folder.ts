import { compact } from '../../core/compact.ts';
import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Failure } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import { writeAtomically } from '../../files/atomic-write.ts';
import { readFirstLine } from '../../files/read.ts';
import { writeNew } from '../../files/write-new.ts';
import type { ExistingFiles, Step } from '../../init/scaffold.ts';

/**
 * What stands at these paths, relative to `folder`. Throws a Failure `disk-failure` before anything is written where one is a link
 * or lies behind one, which would lead to another file, perhaps outside of the folder; and where one is a pipe, a device or a socket,
 * which is never read: who opens a pipe waits until somebody writes to it.
 */
export function existingFiles(folder: string, files: readonly string[]): ExistingFiles {
  const standing = new Map<string, string | null>();
  for (const file of files) {
    refuseLinks(folder, file);
    const stat = lstatSync(join(folder, file), { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (!stat.isFile() && !stat.isDirectory()) throw refused(file, 'it is no regular file');
    standing.set(file, textOf(join(folder, file)));
  }
  return standing;
}

function refuseLinks(folder: string, file: string): void {
  const steps = file.split('/');
  for (const [index] of steps.entries()) {
    const at = steps.slice(0, index + 1).join('/');
    const stat = lstatSync(join(folder, at), { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isSymbolicLink()) throw refused(file, `${at} is a link, and links are never followed`);
    if (index < steps.length - 1 && !stat.isDirectory()) throw refused(file, `${at} is no folder`);
  }
}

function refused(file: string, why: string): Failure {
  return new Failure('disk-failure', `could not write ${file}: ${why}`, {
    hint: 'move it away, then run again; nothing was written',
  });
}

/** Null for what is no text: another encoding, a folder, a file without rights. */
function textOf(path: string): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch {
    return null;
  }
}

/** Does what was decided, file by file. What appeared in the meantime is left as it is too. */
export function takeSteps(folder: string, steps: readonly Step[], report: Report): void {
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
  /** The default branch, as far as the files of Git tell it. */
  readonly branch: string;
}

/** Where a folder stands in its Git repository. Read from Git's files: no Git needs to be installed. */
export function repositoryOf(folder: string): GitRepository {
  for (let at = resolve(folder); ; at = dirname(at)) {
    if (lstatSync(join(at, '.git'), { throwIfNoEntry: false }) !== undefined)
      return { at: at === resolve(folder) ? 'root' : 'below', branch: defaultBranch(at) };
    if (at === dirname(at)) return { at: 'none', branch: 'main' };
  }
}

/** The remote's default where it was cloned from one, else the branch of a repository that has no other yet. */
function defaultBranch(root: string): string {
  const remote = /^ref: refs\/remotes\/origin\/(.+)$/.exec(gitFile(root, 'refs/remotes/origin/HEAD'))?.[1];
  const here = /^ref: refs\/heads\/(.+)$/.exec(gitFile(root, 'HEAD'))?.[1];
  return remote ?? (here === 'master' || here === 'trunk' ? here : 'main');
}

function gitFile(root: string, file: string): string {
  return readFirstLine(join(root, '.git', file), LONGEST_REF);
}

/** Bytes: more than any name of a branch needs. */
const LONGEST_REF = 4096;
