import { createHash } from 'node:crypto';
import { escapeControlJson } from '../core/escape-control.ts';
import type { PageData } from './document.ts';

/** The built page: one HTML file that contains all of its code. */
export interface Html {
  /** The page as served by a watch. It fetches its data. */
  readonly served: string;
  /** The Content-Security-Policy header of the served page. */
  readonly policy: string;
  /** Returns the page as a single file that contains its data and makes no requests. */
  withData(data: PageData): string;
}

/** The placeholders in the built page for the policy and the data. */
const POLICY = '<!--policy-->';
const DATA = '<!--data-->';

/**
 * Opens the built page. Whatever the data contains, its Content-Security-Policy allows only the built script, the built
 * style sheet and `data:` images such as the icon.
 */
export function openHtml(built: string): Html {
  const [head, middle, end] = built.split(/<!--policy-->|<!--data-->/);
  if (head === undefined || middle === undefined || end === undefined)
    throw new Error(`the built page must contain exactly one ${POLICY} and one ${DATA}`);
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

/**
 * Returns JSON that can't end its HTML element early: it contains no `<`, and no character that counts as a line break.
 */
function dataText(data: PageData): string {
  return escapeControlJson(data).replaceAll('<', String.raw`\u003c`);
}

function hashesOf(html: string, elements: RegExp): string {
  const hashes = [...html.matchAll(elements)].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  );
  if (hashes.length === 0) throw new Error(`the built page contains no ${String(elements)}`);
  return hashes.join(' ');
}
