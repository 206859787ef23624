import { posix, relative, resolve, sep } from 'node:path';
import { GitError, type Git } from './git.ts';

/** What a job has checked out. */
export interface Checkout {
  readonly commit: string;
  /** The working directory from the repository's root, with forward slashes; '' for the root itself. */
  readonly prefix: string;
}

export interface CheckoutOptions {
  /** Runs in the working directory. */
  readonly git: Git;
  readonly cwd: string;
  readonly workspace: string;
  /** The commit of the event. */
  readonly sha: string;
}

/** Asks git what was checked out. Where there is no repository, as after a download, it was the event's commit, into the workspace. */
export async function readCheckout({ git, cwd, workspace, sha }: CheckoutOptions): Promise<Checkout> {
  try {
    const [prefix = '', commit = ''] = (await git(['rev-parse', '--show-prefix', 'HEAD'])).split('\n');
    return { commit, prefix: prefix.replace(/\/$/, '') };
  } catch (cause) {
    if (!(cause instanceof GitError)) throw cause;
    return { commit: sha, prefix: forward(relative(workspace, cwd)) };
  }
}

/** A path of the working directory from the repository's root; undefined where it lies outside of that. */
export function inRepository({ prefix }: Checkout, cwd: string, path: string): string | undefined {
  const inside = posix.normalize(posix.join(prefix, forward(relative(cwd, resolve(cwd, path)))));
  if (inside === '.') return '';
  return inside === '..' || inside.startsWith('../') || posix.isAbsolute(inside) ? undefined : inside;
}

function forward(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
