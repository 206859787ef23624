import { describe, expect, test } from 'vitest';
import { keepFigures } from '../machinery/figures.ts';
import { clientFor } from '../../src/datadog/client.ts';
import { startEmulator, type RateLimit } from '../../src/emulator/server.ts';
import { keys, never } from './loopback.ts';

const SPEC = { type: 'ref_table', join_attribute: 'user_email', join_type: 'email' };

interface Figures {
  readonly refused: number;
  /** Share of all requests. */
  readonly share: number;
  /** The time that it took to what the limit alone would take: a figure for the table. gate.test.ts holds it against a clock of its own. */
  readonly ratio: number;
  readonly waits: number;
}

/** Uses real sockets and a real clock: the emulator's limit, and as many creates from as many workers. */
async function measured(rateLimit: RateLimit, creates: number, workers: number): Promise<Figures> {
  await using emulator = await startEmulator({ rateLimit });
  let waits = 0;
  const client = await clientFor({
    address: emulator.url,
    site: 'local',
    credentials: keys(),
    timeoutMs: 30_000,
    maxRetries: 5,
    concurrency: workers,
    version: '1.2.3',
    environment: {},
    waiting: () => {
      waits += 1;
    },
  });
  const begin = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < creates) {
      const id = `c${next++}`;
      expect(await client.create({ entity: 'users', id, spec: SPEC }, never())).toEqual({ kind: 'done', attempts: 1 });
    }
  };
  await Promise.all(Array.from({ length: workers }, worker));
  const ms = performance.now() - begin;
  client.close();
  expect(emulator.connections('users')).toHaveLength(creates);
  const refused = emulator.requests.filter(({ status }) => status === 429).length;
  return {
    refused,
    share: refused / emulator.requests.length,
    ratio: ms / ((creates / rateLimit.limit) * rateLimit.periodMs),
    waits,
  };
}

describe('sixteen workers under a rate limit', () => {
  test('of 20 a second get few refusals and lose little time', async () => {
    const figures = await measured({ limit: 20, periodMs: 1000 }, 100, 16);
    expect(figures.share).toBeLessThanOrEqual(0.05);
    tell('20 per 1 s, 100 creates, 16 workers', figures);
    expect(figures.waits).toBeLessThanOrEqual(8); // one per period, not one per worker
  });

  const long = (process.env['CONNSYNC_LONG'] ?? '') === '' ? test.skip : test;
  long('of 50 in ten seconds even less', { timeout: 600_000 }, async () => {
    const figures = await measured({ limit: 50, periodMs: 10_000 }, 200, 16);
    tell('50 per 10 s, 200 creates, 16 workers', figures);
    expect(figures.share).toBeLessThanOrEqual(0.05);
  });

  long('of 10 a second over a thousand creates too', { timeout: 1000_000 }, async () => {
    const figures = await measured({ limit: 10, periodMs: 1000 }, 1000, 16);
    tell('10 per 1 s, 1,000 creates, 16 workers', figures);
    expect(figures.share).toBeLessThanOrEqual(0.05);
  });
});

function tell(what: string, { share, ratio }: Figures): void {
  keepFigures(`rate limit: ${what}`, { 'refused %': round(share * 100), 'times the ideal': round(ratio) });
}

function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}
