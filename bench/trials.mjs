/**
 * Runs every trial once in each round, so that whatever else the machine does strikes them alike; every other round goes
 * backwards, so that none always follows the same one. Gives, for each trial, what its runs gave.
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

/** Minimum, median and maximum of some numbers. */
export function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { min: sorted[0], median, max: sorted.at(-1) };
}
