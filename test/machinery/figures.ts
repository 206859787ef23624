import { appendFileSync } from 'node:fs';

/** How much of the long run's work a test does: `npm run test:long` asks for more of it. */
export function sizeOf(name: string, short: number): number {
  const given = process.env[`CONNSYNC_${name}`];
  return given === undefined ? short : Number(given);
}

/** The seed of everything that is drawn by chance, the same for a whole run. */
export const SEED = sizeOf('SEED', 20_261_125);

/** Keeps what a test counted, for the table that the long run prints. */
export function keepFigures(what: string, figures: Readonly<Record<string, number | string>>): void {
  const file = process.env['CONNSYNC_FIGURES'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, seed: SEED, ...figures })}\n`);
}
