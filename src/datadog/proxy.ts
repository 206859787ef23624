/** The address of a proxy, and the variable that sets it. */
export interface Proxy {
  readonly address: string;
  readonly variable: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the proxy for an address: from `HTTPS_PROXY`, `HTTP_PROXY`, then `ALL_PROXY`, lower case first, unless
 * `NO_PROXY` lists the host. The rules are those of proxy-from-env, which isn't used because it reads `process.env`;
 * a test compares the two.
 */
export function proxyFor(address: URL, environment: Environment): Proxy | undefined {
  const scheme = address.protocol.slice(0, -1);
  const named = variable(environment, `${scheme}_proxy`) ?? variable(environment, 'all_proxy');
  if (named === undefined) return undefined;
  const port = address.port === '' ? (scheme === 'https' ? 443 : 80) : Number(address.port);
  if (isExempt(address.hostname, port, variable(environment, 'no_proxy')?.value ?? '')) return undefined;
  return { address: named.value.includes('://') ? named.value : `${scheme}://${named.value}`, variable: named.name };
}

/**
 * Reports whether `NO_PROXY` lists the host. The variable is a list of hosts separated by commas or spaces: `*`
 * matches all, `host` only that host, `.host` and `*.host` every subdomain, each with an optional `:port`. Addresses
 * are compared as text; ranges are not supported.
 */
function isExempt(hostname: string, port: number, list: string): boolean {
  const text = list.toLowerCase();
  if (text === '*') return true;
  return text
    .split(/[,\s]/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      const [, host = entry, onlyPort] = /^(.+):(\d+)$/.exec(entry) ?? [];
      if (onlyPort !== undefined && Number(onlyPort) !== 0 && Number(onlyPort) !== port) return false;
      if (!/^[.*]/.test(host)) return hostname === host;
      return hostname.endsWith(host.replace(/^\*/, ''));
    });
}

function variable(
  environment: Environment,
  name: string,
): { readonly name: string; readonly value: string } | undefined {
  for (const spelling of [name, name.toUpperCase()]) {
    const value = environment[spelling];
    if (value !== undefined && value !== '') return { name: spelling, value };
  }
  return undefined;
}
