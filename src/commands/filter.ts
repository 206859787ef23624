import picomatch from 'picomatch';
import type { Key } from '../core/connection.ts';

/**
 * The keys that `--target` and `--exclude` leave in, by globs on `entity/id` as a shell has them; undefined where neither is
 * given. A key is taken where any target matches (all of them without one) and no exclusion does.
 */
export function keyFilter(target: readonly string[], exclude: readonly string[]): ((key: Key) => boolean) | undefined {
  if (target.length + exclude.length === 0) return undefined;
  // An id may begin with a dot, and is no hidden file.
  const options = { dot: true };
  const wanted = target.length === 0 ? () => true : picomatch([...target], options);
  const unwanted = exclude.length === 0 ? () => false : picomatch([...exclude], options);
  return (key) => wanted(key) && !unwanted(key);
}
