import picomatch from 'picomatch';
import type { Key } from '../core/connection.ts';
import { problem, type Problem } from '../core/diagnostic.ts';
import { didYouMean } from '../manifest/suggest.ts';

/** An id may begin with a dot, and is no hidden file. */
const OPTIONS = { dot: true };

/**
 * The keys that `--target` and `--exclude` leave in, by globs on `entity/id` as a shell has them; undefined where neither is
 * given. A key is taken where any target matches (all of them without one) and no exclusion does.
 */
export function keyFilter(target: readonly string[], exclude: readonly string[]): ((key: Key) => boolean) | undefined {
  if (target.length + exclude.length === 0) return undefined;
  const wanted = target.length === 0 ? () => true : picomatch([...target], OPTIONS);
  const unwanted = exclude.length === 0 ? () => false : picomatch([...exclude], OPTIONS);
  return (key) => wanted(key) && !unwanted(key);
}

/** A warning for each glob that matches no connection at all: most likely it is misspelt. */
export function unmatched(
  target: readonly string[],
  exclude: readonly string[],
  keys: Iterable<Key>,
): readonly Problem[] {
  const known = [...keys];
  const globs = [...target.map((glob) => ['--target', glob]), ...exclude.map((glob) => ['--exclude', glob])] as const;
  return globs.flatMap(([flag = '', glob = '']) => {
    const matches = picomatch(glob, OPTIONS);
    if (known.some((key) => matches(key))) return [];
    return problem('matches-nothing', `${flag} ${glob} matches no connection`, {
      hint: didYouMean(
        glob,
        known,
        'a key is entity/id, as connsync plan shows it; * stands for any text without a slash',
      ),
    });
  });
}
