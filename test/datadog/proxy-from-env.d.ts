// The package has no types.
declare module 'proxy-from-env' {
  export function getProxyForUrl(url: string | URL): string;
}
