import { sha256 } from '../../core/sha256.ts';

/**
 * Where `import` puts a connection: `<dir>/<entity>/<id>.yaml`, with forward slashes. An id that can't be a file name
 * everywhere gets `_` and the first 16 hex digits of its SHA-256 instead:
 *
 * - it begins with a dot or `~` (manifests of such names are not read), or its file name would exceed 200 bytes;
 * - it holds what Windows refuses (`< > : " / \ | ? *`, control characters), half a character, or what no eye can see;
 * - it is the name of a device there, such as `con` or `lpt1`, also in front of a dot.
 *
 * Ids that differ only in case share a file where the file system knows no case: whoever writes must not overwrite.
 */
export function manifestPath(dir: string, entity: string, id: string): string {
  const folder = dir.replaceAll('\\', '/').replace(/\/+$/, '');
  const names = `${fileName(entity, '')}/${fileName(id, '.yaml')}`;
  if (folder === '.') return names;
  return folder === '' && dir === '' ? names : `${folder}/${names}`;
}

const LONGEST = 200;
const REFUSED =
  // oxlint-disable-next-line no-control-regex -- control characters are what it is about
  /[<>:"/\\|?*\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u2069\uFEFF]|\p{Surrogate}/u;
const DEVICE = /^(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$) *(?:\.|$)/i;

function fileName(name: string, extension: string): string {
  const whole = name + extension;
  const fits = whole !== '' && !/^[.~]/.test(whole) && !/[. ]$/.test(whole) && Buffer.byteLength(whole) <= LONGEST;
  return fits && !REFUSED.test(whole) && !DEVICE.test(whole) ? whole : `_${sha256(name).slice(0, 16)}${extension}`;
}
