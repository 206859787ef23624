/** The maximum number of deletes and replaces in one apply: a percentage of the recorded connections, or a count. */
export type MaxDeletes = { readonly percent: number } | { readonly count: number };

export const DEFAULT_MAX_DELETES: MaxDeletes = { percent: 30 };

/** Parses a limit such as `30%` or `5`. Returns undefined for anything else. */
export function parseMaxDeletes(text: string): MaxDeletes | undefined {
  const [, digits, sign] = /^(0|[1-9]\d{0,8})(%?)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  if (sign === '') return { count: number };
  return number <= 100 ? { percent: number } : undefined;
}

/** Returns the limit as written on the command line. */
export function printMaxDeletes(limit: MaxDeletes): string {
  return 'percent' in limit ? `${limit.percent}%` : `${limit.count}`;
}
