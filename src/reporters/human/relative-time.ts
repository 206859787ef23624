import { escapeControl } from '../../core/escape-control.ts';

/** Unit, and how many milliseconds it has; the largest that fits once says how long ago it is. */
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['year', 365 * 86_400_000],
  ['month', 30 * 86_400_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/**
 * A time as Datadog has it, for people: local, to the minute, and how long ago it is. One that is no time is shown as it stands;
 * documents keep it as it is in any case.
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
