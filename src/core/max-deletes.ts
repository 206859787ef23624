/** How many deletes and replaces one apply may do: a share of what is recorded, or an exact number. */
export type MaxDeletes = { readonly percent: number } | { readonly count: number };

export const DEFAULT_MAX_DELETES: MaxDeletes = { percent: 30 };

/** `30%` or `5`; undefined for anything else. */
export function parseMaxDeletes(text: string): MaxDeletes | undefined {
  const [, digits, sign] = /^(0|[1-9]\d{0,8})(%?)$/.exec(text) ?? [];
  if (digits === undefined) return undefined;
  const number = Number(digits);
  if (sign === '') return { count: number };
  return number <= 100 ? { percent: number } : undefined;
}

/** As it is written on the command line. */
export function printMaxDeletes(limit: MaxDeletes): string {
  return 'percent' in limit ? `${limit.percent}%` : `${limit.count}`;
}
