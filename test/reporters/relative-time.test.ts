import { describe, expect, test } from 'vitest';
import { relativeTime } from '../../src/reporters/human/relative-time.ts';

const NOW = new Date(2026, 10, 25, 12, 0, 0).getTime();
const ago = (ms: number): string => new Date(NOW - ms).toISOString();
const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

describe('a timestamp from Datadog', () => {
  test.each([
    [30_000, '2026-11-25 11:59'],
    [MINUTE, '2026-11-25 11:59, 1 minute ago'],
    [90 * MINUTE, '2026-11-25 10:30, 1 hour ago'],
    [26 * HOUR, '2026-11-24 10:00, 1 day ago'],
    [3 * DAY, '2026-11-22 12:00, 3 days ago'],
    [400 * DAY, '2025-10-21 12:00, 1 year ago'],
    // The clocks of Datadog and of this machine may differ.
    [-HOUR, '2026-11-25 13:00'],
  ])('from %i ms ago is shown as %s', (ms, text) => {
    expect(relativeTime(ago(ms), NOW).replace(/^2025-10-21 1[123]/, '2025-10-21 12')).toBe(text);
  });

  test('that is invalid is shown unchanged and harmless', () => {
    expect(relativeTime('yesterday \u001B[2J', NOW)).not.toContain('\u001B');
    expect(relativeTime('yesterday', NOW)).toBe('yesterday');
  });
});
