/** The proxy for an address, with the variable that names it. */
export interface Proxy {
  readonly address: string;
  readonly variable: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that the environment names for an address: `HTTPS_PROXY`, `HTTP_PROXY`, then `ALL_PROXY`, lower case first,
 * unless `NO_PROXY` names the host. The rules are those of proxy-from-env, which reads the environment of the process
 * and so can not be used; a test holds the two against each other.
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
 * `NO_PROXY` is a list of hosts with commas or spaces between: `*` is all, `host` that host alone, `.host` and `*.host`
 * every name below it, each with an optional `:port`. Addresses are compared as text: there are no ranges.
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
