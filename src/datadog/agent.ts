import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { HttpsProxyAgent as HttpsProxyAgentType } from 'https-proxy-agent';
import { Failure } from '../core/diagnostic.ts';
import { proxyFor, type Proxy } from './proxy.ts';

/** The agent that keeps the connections to one address open, and what messages say about the route. */
export interface AgentRoute {
  readonly agent: HttpAgent;
  /**
   * The proxy for messages, without credentials: ` through the proxy http://proxy:3128 (HTTPS_PROXY)`. Empty if the
   * route is direct.
   */
  readonly via: string;
  /** The proxy's credentials, which the redactor removes from all output. */
  readonly secrets: readonly string[];
}

export interface RouteOptions {
  /** Maximum number of sockets that are open at the same time. */
  readonly concurrency: number;
  /** The environment variables. Only the proxy variables are read. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Returns the route to an address: direct, or through the proxy that the environment sets. Throws a Failure if the
 * proxy's address is invalid.
 */
export async function routeTo(address: URL, { concurrency, environment }: RouteOptions): Promise<AgentRoute> {
  const options = { keepAlive: true, maxSockets: concurrency, ...ALWAYS_CHECKED };
  const proxy = proxyFor(address, environment);
  if (proxy === undefined) {
    const agent = address.protocol === 'https:' ? new HttpsAgent(options) : new HttpAgent(options);
    return { agent, via: '', secrets: [] };
  }

  const { url, headers, secrets } = readProxy(proxy);
  const agent =
    address.protocol === 'https:'
      ? await tunnelThrough(url, { ...options, headers })
      : await relayThrough(url, { ...options, headers });
  return { agent, via: ` through the proxy ${url.origin} (${proxy.variable})`, secrets };
}

// Always verifies certificates, even with NODE_TLS_REJECT_UNAUTHORIZED=0. A private CA is set with
// NODE_EXTRA_CA_CERTS.
const ALWAYS_CHECKED = { rejectUnauthorized: true };

interface ProxyAgentOptions {
  readonly keepAlive: boolean;
  readonly maxSockets: number;
  readonly rejectUnauthorized: boolean;
  readonly headers: Record<string, string>;
}

type Connect = HttpsProxyAgentType<string>['connect'];

// Most runs use no proxy, so the proxy agents are imported only when a proxy is set.
async function tunnelThrough(proxy: URL, options: ProxyAgentOptions): Promise<HttpAgent> {
  const { HttpsProxyAgent } = await import('https-proxy-agent');

  // Without this override, the agent would return the proxy's refusal as if it were Datadog's response.
  class Tunnel extends HttpsProxyAgent<string> {
    override async connect(...[request, target]: Parameters<Connect>): Promise<Awaited<ReturnType<Connect>>> {
      let status = 0;
      request.once('proxyConnect', (answer: { readonly statusCode: number }) => {
        status = answer.statusCode;
      });
      const socket = await super.connect(request, { ...target, ...ALWAYS_CHECKED });
      if (status === 200) return socket;
      socket.destroy();
      throw new ProxyRefusal(status);
    }
  }
  return new Tunnel(proxy, options);
}

async function relayThrough(proxy: URL, options: ProxyAgentOptions): Promise<HttpAgent> {
  const { HttpProxyAgent } = await import('http-proxy-agent');
  return new HttpProxyAgent(proxy, options);
}

/** Thrown if the proxy refuses to open a tunnel, so that the request never reaches Datadog. */
class ProxyRefusal extends Error {
  readonly code = 'EPROXYREFUSED';

  constructor(status: number) {
    super(`the proxy returned ${status} to CONNECT`);
    this.name = 'ProxyRefusal';
  }
}

// The agents log their proxy's address if DEBUG is set, so the credentials go into a header instead of the address.
function readProxy({ address, variable }: Proxy): {
  readonly url: URL;
  readonly headers: Record<string, string>;
  readonly secrets: readonly string[];
} {
  const given = URL.canParse(address) ? new URL(address) : undefined;
  if (given === undefined || !['http:', 'https:'].includes(given.protocol) || given.hostname === '') {
    throw new Failure('unreachable', `${variable} is not the address of a proxy that connsync can use`, {
      hint: `set ${variable} to http://host:port or https://host:port, or add the API's host to NO_PROXY`,
    });
  }
  const url = new URL(given.origin);
  if (given.username === '' && given.password === '') return { url, headers: {}, secrets: [] };
  const [user, password] = [decoded(given.username), decoded(given.password)];
  const basic = Buffer.from(`${user}:${password}`).toString('base64');
  const secrets = [given.password, password, basic, ...(password === '' ? [given.username, user] : [])];
  return { url, headers: { 'Proxy-Authorization': `Basic ${basic}` }, secrets };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
