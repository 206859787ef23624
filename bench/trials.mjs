/**
 * Runs every trial once per round, so that other load on the machine affects all of them equally. Every other round runs in reverse,
 * so that no trial always follows the same one. Returns the results of each trial.
 */
export function interleave(rounds, trials) {
  const results = trials.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let step = 0; step < trials.length; step++) {
      const at = round % 2 === 0 ? step : trials.length - 1 - step;
      results[at].push(trials[at]());
    }
  }
  return results;
}

/** Returns the minimum, median and maximum of some numbers. */
export function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, max: sorted.at(-1) };
}
