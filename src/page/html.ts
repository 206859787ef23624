import { createHash } from 'node:crypto';
import { escapeControlJson } from '../core/escape-control.ts';
import type { PageData } from './document.ts';

/** The built page, one file with all of its code in it. */
export interface Html {
  /** As a watch serves it: it asks for what it shows. */
  readonly served: string;
  /** The header that is sent with it. */
  readonly policy: string;
  /** As a file with what it shows in it, which asks for nothing. */
  withData(data: PageData): string;
}

/** Where a policy and the data are put. */
const POLICY = '<!--policy-->';
const DATA = '<!--data-->';

/**
 * Nothing is loaded from anywhere, and nothing runs but the one script and the one style sheet that were built: not what stands in
 * the data, whatever it says. The icon is a `data:` address.
 */
export function openHtml(built: string): Html {
  const [head, middle, end] = built.split(/<!--policy-->|<!--data-->/);
  if (head === undefined || middle === undefined || end === undefined)
    throw new Error(`the built page has not one ${POLICY} and one ${DATA}`);
  const allowed = [
    "default-src 'none'",
    `script-src ${hashesOf(built, /<script>([^]*?)<\/script>/g)}`,
    `style-src ${hashesOf(built, /<style>([^]*?)<\/style>/g)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return {
    served: `${head}${middle}${end}`,
    policy: `${allowed}; connect-src 'self'; frame-ancestors 'none'`,
    withData: (data) =>
      [head, `<meta http-equiv="Content-Security-Policy" content="${allowed}">`, middle, dataText(data), end].join(''),
  };
}

/** JSON that no text can break out of: it has no `<`, and nothing that a browser or an editor takes for the end of a line. */
function dataText(data: PageData): string {
  return escapeControlJson(data).replaceAll('<', String.raw`\u003c`);
}

function hashesOf(html: string, elements: RegExp): string {
  const hashes = [...html.matchAll(elements)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  if (hashes.length === 0) throw new Error(`the built page has no ${String(elements)}`);
  return hashes.join(' ');
}
