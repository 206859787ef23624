import { sha256 } from '../../core/sha256.ts';

/**
 * Returns the path at which `import` writes a connection: `<dir>/<entity>/<id>.yaml`, with forward slashes. An id
 * that is not a valid file name on every system is replaced by `_` and the first 16 hex digits of its SHA-256, if:
 *
 * - it begins with a dot or `~` (connsync doesn't read such manifests), or its file name would exceed 200 bytes;
 * - it contains characters that Windows rejects (`< > : " / \ | ? *`, control characters), a lone surrogate or
 *   invisible characters;
 * - it is a device name on Windows, such as `con` or `lpt1`, also before a dot.
 *
 * Ids that differ only in case share a file on a case-insensitive file system, so callers must never overwrite.
 */
export function manifestPath(dir: string, entity: string, id: string): string {
  const folder = dir.replaceAll('\\', '/').replace(/\/+$/, '');
  const names = `${fileName(entity, '')}/${fileName(id, '.yaml')}`;
  if (folder === '.') return names;
  return folder === '' && dir === '' ? names : `${folder}/${names}`;
}

const MAX_LENGTH = 200;
const REFUSED =
  // oxlint-disable-next-line no-control-regex -- the pattern must match control characters
  /[<>:"/\\|?*\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|\p{Surrogate}/u;
const DEVICE = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(?:\.|$)/i;

function fileName(name: string, extension: string): string {
  const whole = name + extension;
  const fits = whole !== '' && !/^[.~]/.test(whole) && !/[. ]$/.test(whole) && Buffer.byteLength(whole) <= MAX_LENGTH;
  return fits && !REFUSED.test(whole) && !DEVICE.test(whole) ? whole : `_${sha256(name).slice(0, 16)}${extension}`;
}
