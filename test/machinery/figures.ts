import { appendFileSync } from 'node:fs';

/** The workload of a test. `npm run test:long` increases it. */
export function sizeOf(name: string, short: number): number {
  const given = process.env[`CONNSYNC_${name}`];
  return given === undefined ? short : Number(given);
}

/** The seed of all random values, the same for a whole run. */
export const SEED = sizeOf('SEED', 20_261_125);

/** Records the counts of a test for the table that the long run prints. */
export function keepFigures(what: string, figures: Readonly<Record<string, number | string>>): void {
  const file = process.env['CONNSYNC_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, seed: SEED, ...figures })}\n`);
}
