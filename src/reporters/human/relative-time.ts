import { escapeControl } from '../../core/escape-control.ts';

/** Units and their lengths in milliseconds, longest first. */
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/**
 * Formats a time from Datadog: local time to the minute, and how long ago it was. Returns an invalid time unchanged.
 */
export function relativeTime(iso: string, now: number): string {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return escapeControl(iso);
  const [unit, ms] = UNITS.find(([, length]) => now - at >= length) ?? [];
  const local = localMinute(new Date(at));
  if (unit === undefined || ms === undefined) return local;
  return `${local}, ${new Intl.RelativeTimeFormat('en').format(-Math.floor((now - at) / ms), unit)}`;
}

function localMinute(at: Date): string {
  const [month, day, hour, minute] = [at.getMonth() + 1, at.getDate(), at.getHours(), at.getMinutes()].map((part) =>
    String(part).padStart(2, '0'),
  );
  return `${at.getFullYear()}-${month}-${day} ${hour}:${minute}`;
}
