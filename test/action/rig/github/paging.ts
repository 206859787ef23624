import { ok, type Answer } from './answer.ts';

const DEFAULT_SIZE = 30;
const LARGEST_SIZE = 100;

/**
 * Returns one page of a list with a `Link` header for the others. A page size above 100 counts as 100, as on GitHub.
 */
export function page(items: readonly unknown[], url: URL): Answer {
  const size = Math.min(positive(url, 'per_page') ?? DEFAULT_SIZE, LARGEST_SIZE);
  const number = positive(url, 'page') ?? 1;
  const last = Math.max(1, Math.ceil(items.length / size));
  const links = [
    number > 1 ? link(url, Math.min(number - 1, last), 'prev') : [],
    number < last ? [link(url, number + 1, 'next'), link(url, last, 'last')] : [],
    number > 1 ? link(url, 1, 'first') : [],
  ].flat();
  const headers: Record<string, string> = links.length === 0 ? {} : { link: links.join(', ') };
  return ok(items.slice((number - 1) * size, number * size), headers);
}

function positive(url: URL, name: string): number | undefined {
  const value = Number(url.searchParams.get(name));
  return Number.isInteger(value) && value > 0 ? value : undefined;
}

function link(url: URL, number: number, relation: string): string {
  const to = new URL(url);
  to.searchParams.set('page', String(number));
  return `<${to.href}>; rel="${relation}"`;
}
