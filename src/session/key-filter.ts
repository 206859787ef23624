import picomatch from 'picomatch';
import type { Key } from '../core/connection.ts';
import { problem, type Problem } from '../core/diagnostic.ts';
import { didYouMean } from '../manifest/suggest.ts';

/** Options for picomatch. `*` also matches ids that begin with a dot. */
const OPTIONS = { dot: true };

/**
 * Returns a predicate for the keys that `--target` and `--exclude` select; undefined if neither is given. Both are
 * shell globs on `entity/id`. A key matches if any target matches (or there are no targets) and no exclusion does.
 */
export function keyFilter(target: readonly string[], exclude: readonly string[]): ((key: Key) => boolean) | undefined {
  if (target.length + exclude.length === 0) return undefined;
  const matchesTarget = target.length === 0 ? () => true : picomatch([...target], OPTIONS);
  const matchesExclude = exclude.length === 0 ? () => false : picomatch([...exclude], OPTIONS);
  return (key) => matchesTarget(key) && !matchesExclude(key);
}

/** Returns a warning for each glob that matches no connection, since it is probably misspelled. */
export function unmatchedGlobWarnings(
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
        'write keys as entity/id, as connsync plan prints them; * matches any text without a slash',
      ),
    });
  });
}
