const MANIFEST = /\.(ya?ml|json)$/i;

/**
 * Returns whether a file name is that of a manifest. Ignores case, because a file renamed to `q.YML` would look
 * deleted.
 */
export function isManifestName(name: string): boolean {
  return MANIFEST.test(name);
}
