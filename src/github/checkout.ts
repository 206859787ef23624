import { posix, relative, resolve, sep } from 'node:path';
import { GitError, type Git } from './git.ts';

/** The commit and the folder that the job has checked out. */
export interface Checkout {
  readonly commit: string;
  /** Path of the working directory relative to the repository's root, with forward slashes; '' is the root. */
  readonly prefix: string;
}

export interface CheckoutOptions {
  /** Runs git in the working directory. */
  readonly git: Git;
  readonly cwd: string;
  readonly workspace: string;
  /** The commit of the event that started the workflow. */
  readonly sha: string;
}

/**
 * Asks git which commit is checked out. If there is no repository, for example because the job downloaded the files, it
 * assumes that the workspace folder contains the event's commit.
 */
export async function readCheckout({ git, cwd, workspace, sha }: CheckoutOptions): Promise<Checkout> {
  try {
    const [prefix = '', commit = ''] = (await git(['rev-parse', '--show-prefix', 'HEAD'])).split('\n');
    return { commit, prefix: prefix.replace(/\/$/, '') };
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    return { commit: sha, prefix: forward(relative(workspace, cwd)) };
  }
}

/**
 * Returns a path relative to the repository's root, for a path relative to the working directory. Returns undefined if
 * the path is outside the repository.
 */
export function inRepository({ prefix }: Checkout, cwd: string, path: string): string | undefined {
  const inside = posix.normalize(posix.join(prefix, forward(relative(cwd, resolve(cwd, path)))));
  if (inside === '.') return '';
  return inside === '..' || inside.startsWith('../') || posix.isAbsolute(inside) ? undefined : inside;
}

function forward(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
