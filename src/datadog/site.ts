import { closestMatch } from 'leven';

/** Datadog's sites. The list is closed, so that no setting can send a key to another host. Sites share no data. */
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

/** The error in a setting, and how to fix it. */
export interface SettingError {
  readonly message: string;
  readonly hint: string;
}

export function isSite(text: string): text is Site {
  return SITES.some((site) => site === text);
}

/**
 * Returns the address of a site's API, such as `https://api.datadoghq.eu`. Throws if the text is not a site; check it
 * first.
 */
export function apiAddress(site: Site): string {
  if (!isSite(site)) throw new Error('unknown site');
  return `https://api.${site}`;
}

/** Returns the message and hint for an unknown site, with a suggestion if one is similar. */
export function unknownSite(text: string): SettingError {
  const near = nearestSite(text) ?? closestMatch(text.toLowerCase(), ['local'], { maxDistance: 2 });
  return {
    message: `${quoted(text)} is not a Datadog site`,
    hint:
      near === undefined
        ? `use one of ${SITES.join(', ')}, or local for connsync's built-in emulator`
        : `did you mean "${near}"?`,
  };
}

/** Returns the site that the text probably means, even if it was pasted as a URL or a host name. */
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
 * Checks an address from `--api-url` or `DD_API_URL`. Keys are sent to it, so it must be https, or http on loopback,
 * and contain only scheme, host and port. The result's `url` is the origin, such as `https://host:8443`.
 */
export function checkAddress(text: string): { readonly url: string } | SettingError {
  const hint = 'use https://host, or http://127.0.0.1:port for a server on this machine';
  if (!/^https?:\/\/[^/]/i.test(text)) return { message: 'The API address must begin with https://', hint };
  if (text.includes('@')) return { message: 'The API address must not contain a user name or password', hint };
  if (/[?#]/.test(text)) return { message: 'The API address must not contain a query or a fragment', hint };
  if (/[^\x21-\x7e]|[\\%]/.test(text)) {
    return { message: 'The API address must contain only printable ASCII characters, without spaces, \\ or %', hint };
  }
  if (!URL.canParse(text)) return { message: 'The API address is not a valid URL', hint };
  const url = new URL(text);
  if (url.pathname !== '/' || /\/\/.*\/./.test(text)) {
    return { message: `The API address must end after the host: ${url.origin}`, hint };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { message: `The API address ${url.origin} is not on this machine, so it must be https`, hint };
  }
  return { url: url.origin };
}

// Reports whether a host name is loopback. The URL parser has already normalised every spelling of an IPv4 address to
// dotted decimal.
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
