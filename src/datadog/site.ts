import { closestMatch } from 'leven';

/** Datadog's sites: a closed list, so that no setting can bend a key to another host. They share no data. */
export const SITES = [
  'datadoghq.com',
  'us3.datadoghq.com',
  'us5.datadoghq.com',
  'datadoghq.eu',
  'ap1.datadoghq.com',
  'ap2.datadoghq.com',
  'uk1.datadoghq.com',
  'ddog-gov.com',
  'us2.ddog-gov.com',
] as const;

export type Site = (typeof SITES)[number];

/** What is wrong with a setting, and the one next step. */
export interface Objection {
  readonly message: string;
  readonly hint: string;
}

export function isSite(text: string): text is Site {
  return SITES.some((site) => site === text);
}

/** The address of a site's API, such as `https://api.datadoghq.eu`. Throws where the text is no site: check it before. */
export function apiAddress(site: Site): string {
  if (!isSite(site)) throw new Error('the address of something that is no site was asked for');
  return `https://api.${site}`;
}

/** What to say to a text that is no site, with the site that was probably meant. */
export function unknownSite(text: string): Objection {
  const near = nearestSite(text) ?? closestMatch(text.toLowerCase(), ['local'], { maxDistance: 2 });
  return {
    message: `${quoted(text)} is not a Datadog site`,
    hint:
      near === undefined
        ? `use one of ${SITES.join(', ')}, or local for the emulator inside connsync`
        : `did you mean "${near}"?`,
  };
}

/** The site that a text was probably meant to be: also where it was pasted as an address or as a host. */
export function nearestSite(text: string): Site | undefined {
  const host = text
    .slice(0, 100)
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^(?:api|app)\./, '')
    .replace(/\/.*$/, '');
  const near = closestMatch(host, SITES, { maxDistance: 3 });
  return near !== undefined && isSite(near) ? near : undefined;
}

/**
 * Checks an address given by `--api-url` or `DD_API_URL`. Keys are sent there, so it is https, or http to this very
 * machine, and nothing but scheme, host and port. The answer's `url` is the bare origin, such as `https://host:8443`.
 */
export function checkAddress(text: string): { readonly url: string } | Objection {
  const hint = 'give https://host, or http://127.0.0.1:port for a server on this machine';
  if (!/^https?:\/\/[^/]/i.test(text)) return { message: 'The API address must begin with https://', hint };
  if (text.includes('@')) return { message: 'The API address must not hold a user name or password', hint };
  if (/[?#]/.test(text)) return { message: 'The API address must not hold a query or a fragment', hint };
  if (/[^\x21-\x7e]|[\\%]/.test(text)) {
    return { message: 'The API address must be plain characters, without spaces, \\ or %', hint };
  }
  if (!URL.canParse(text)) return { message: 'The API address is not an address', hint };
  const url = new URL(text);
  if (url.pathname !== '/' || /\/\/.*\/./.test(text)) {
    return { message: `The API address must end after the host: ${url.origin}`, hint };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { message: `The API address ${url.origin} is not on this machine, so it must be https`, hint };
  }
  return { url: url.origin };
}

// The URL parser has brought every spelling of an IPv4 address into its dotted form by now.
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
