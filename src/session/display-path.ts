import { isAbsolute, relative, resolve, sep } from 'node:path';

/** Returns a path as messages display it: relative to the working directory, with forward slashes. */
export function displayPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return withForwardSlashes(isAbsolute(short) ? path : short === '' ? '.' : short);
}

/** Returns a user's path for messages. An absolute path outside the working directory is displayed as it was given. */
export function displayPathAsGiven(cwd: string, given: string): string {
  const shown = displayPath(cwd, resolve(cwd, given));
  return isAbsolute(given) && /^\.\.(\/|$)/.test(shown) ? withForwardSlashes(given) : shown;
}

/** Returns a path with forward slashes. */
export function withForwardSlashes(path: string): string {
  return sep === '/' ? path : path.replaceAll(sep, '/');
}
