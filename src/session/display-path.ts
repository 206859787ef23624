import { isAbsolute, relative, resolve, sep } from 'node:path';

/** Returns a path for messages: relative to the working directory, with forward slashes. */
export function displayPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return withForwardSlashes(isAbsolute(short) ? path : short === '' ? '.' : short);
}

/** Returns a user's path for messages. Keeps an absolute path outside the working directory as the user wrote it. */
export function displayPathAsGiven(cwd: string, given: string): string {
  const path = displayPath(cwd, resolve(cwd, given));
  return isAbsolute(given) && /^\.\.(\/|$)/.test(path) ? withForwardSlashes(given) : path;
}

export function withForwardSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
