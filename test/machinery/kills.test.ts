import { describe, expect, test } from 'vitest';
import { keepFigures, SEED, sizeOf } from './figures.ts';
import { killLoop, STYLES, type KillFigures } from './kills.ts';

/** Runs once for each of the four styles of a second create. */
const KILLS = sizeOf('KILLS', 2);
const TIMEOUT = 600_000 + KILLS * 200_000;
const GOOD = { mistakes: [], lost: 0, duplicates: 0, strangers: 0, unsettled: 0, needless: 0 };

describe.concurrent('an apply that is killed at random, while three of ten requests to Datadog fail', () => {
  test.each(STYLES)(
    'loses nothing and creates nothing twice, if a second create is answered with %s',
    async (style) => {
      const figures = await killLoop({ seed: SEED, kills: KILLS, style, faultRate: 0.3 });
      keepFigures(`kills, second create: ${style}`, counted(figures));
      expect(figures).toMatchObject(GOOD);
      expect(figures.kills).toBeGreaterThanOrEqual(KILLS);
    },
    TIMEOUT,
  );

  test.each(['conflict', 'bad-request'] as const)(
    'and loses its journal each time, creates nothing twice if a second create is refused (%s)',
    async (style) => {
      const figures = await killLoop({ seed: SEED + 1, kills: KILLS, style, faultRate: 0.3, loseJournal: true });
      keepFigures(`kills and lost journals: ${style}`, counted(figures));
      expect(figures).toMatchObject(GOOD);
    },
    TIMEOUT,
  );
});

function counted(figures: KillFigures): Record<string, number> {
  const { kills, runs, creates, lost, duplicates, strangers, unsettled, needless } = figures;
  return { kills, runs, creates, lost, duplicates, strangers, unsettled, needless };
}
