/** A ratio that linear work stays below, and quadratic work (64) is above. */
export const LINEAR = 30;

const STEPS = 8;
const ENOUGH_MICROSECONDS = 20_000;

/**
 * Returns how many times as much CPU time work takes when its input is eight times as large: about 8 if it is linear, 64 if it is
 * quadratic. Unlike a limit in milliseconds, that is the same on a slow machine and on a busy one.
 */
export async function growth<T>(make: (size: number) => T, work: (input: T) => unknown, size: number): Promise<number> {
  const [small, large] = [make(Math.max(1, Math.floor(size / STEPS))), make(size)];
  // The first calls compile what the others run.
  for (const input of [small, large]) await work(input);
  return (await costOf(() => work(large))) / (await costOf(() => work(small)));
}

/** CPU time of one call: the least of three measurements, each over as many calls as it takes to be measured well. */
async function costOf(work: () => unknown): Promise<number> {
  const costs: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const begun = process.cpuUsage();
    let calls = 0;
    let spent = 0;
    while (spent < ENOUGH_MICROSECONDS) {
      await work();
      calls += 1;
      const { user, system } = process.cpuUsage(begun);
      spent = user + system;
    }
    costs.push(spent / calls);
  }
  return Math.min(...costs);
}
