const MANIFEST = /\.(ya?ml|json)$/i;

/** Returns whether a file's name is that of a manifest. Case doesn't matter: `q.YML` would otherwise look deleted. */
export function isManifestName(name: string): boolean {
  return MANIFEST.test(name);
}
