/** The message and the request id of an error response. Each is missing if the body doesn't have it. */
export interface ErrorText {
  readonly message?: string;
  readonly requestId?: string;
}

/**
 * Parses the body of an error response of any shape: `errors` as objects or strings, `error`, `message`, other JSON,
 * HTML or plain text. Never throws, so that it can't hide the original failure. The message is one line of at most
 * 500 characters without control characters. `redact` runs first, on the complete text.
 */
export function readErrorText(body: string, redact: (text: string) => string): ErrorText {
  const value = parsed(body);
  // Redacts before it removes tags: part of a key may look like a tag, and the redactor wouldn't recognise the rest of
  // the key.
  const words = value === undefined ? stripMarkup(redact(body)) : wordsOf(value).join('; ');
  const message = shortened(redact(oneLine(words)));
  const requestId = value === undefined ? undefined : idOf(value);
  return { ...(message === '' ? {} : { message }), ...compact({ requestId }) };
}

/** Returns the text on one line: replaces control characters and bidirectional marks with spaces. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}\p{Bidi_Control}]+/gu, ' ').trim();
}

const MAX_LENGTH = 500;

function shortened(text: string): string {
  if (text.length <= MAX_LENGTH) return text;
  return `${text
    .slice(0, MAX_LENGTH - 1)
    .toWellFormed()
    .trimEnd()}…`;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) ?? '';
  } catch {
    return undefined;
  }
}

/** Maximum number of errors read from one body, since a message shows only a few. */
const MAX_ERRORS = 20;

function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (Array.isArray(value)) return value.slice(0, MAX_ERRORS).flatMap((item: unknown) => oneError(item));
  if (!isRecord(value)) return [];
  for (const name of ['errors', 'error']) {
    const inner = value[name];
    const words = Array.isArray(inner) ? wordsOf(inner) : oneError(inner);
    if (words.length > 0) return words;
  }
  return oneError(value);
}

// Returns the texts of one error. `title` is general and `detail` is specific, so both are used if they differ. `code`
// is used only if there is no text.
function oneError(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (!isRecord(value)) return [];
  const [title, detail, message, code] = [value['title'], value['detail'], value['message'], value['code']].map(textOf);
  const particular = detail ?? message;
  const words =
    title === undefined || particular === undefined || title === particular
      ? (particular ?? title)
      : `${title}: ${particular}`;
  const where = sourceOf(value['source']);
  const all = words ?? (code === undefined ? undefined : `code ${code}`);
  return all === undefined ? [] : [where === undefined ? all : `${all} (at ${where})`];
}

function sourceOf(source: unknown): string | undefined {
  if (!isRecord(source)) return undefined;
  return textOf(source['pointer']) ?? textOf(source['parameter']) ?? textOf(source['header']);
}

function idOf(value: unknown): string | undefined {
  const errors: unknown = isRecord(value) ? value['errors'] : undefined;
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  return isRecord(first) ? textOf(first['id']) : undefined;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// A proxy or CDN in front of Datadog returns an HTML page. This keeps its text, without tags, scripts and styles.
function stripMarkup(text: string): string {
  if (!/<[a-z!/]/i.test(text)) return text;
  return withoutHidden(text)
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&(?:nbsp|#160|#xa0);/gi, ' ')
    .replace(/&lt;/gi, '<')
    .replace(/&gt;/gi, '>')
    .replace(/&(?:quot|#34);/gi, '"')
    .replace(/&(?:apos|#39|#x27);/gi, "'")
    .replace(/&amp;/gi, '&');
}

// Removes scripts, styles and the head. It scans step by step, because one regular expression for a whole element takes
// quadratic time on a hostile page.
function withoutHidden(text: string): string {
  const opening = /<(script|style|head)(?=[\s/>])/gi;
  const visible: string[] = [];
  let from = 0;
  for (let open = opening.exec(text); open !== null; open = opening.exec(text)) {
    visible.push(text.slice(from, open.index), ' ');
    const closing = new RegExp(`</${open[1]}[^>]*>?`, 'gi');
    closing.lastIndex = open.index;
    if (closing.exec(text) === null) return visible.join('');
    from = closing.lastIndex;
    opening.lastIndex = from;
  }
  visible.push(text.slice(from));
  return visible.join('');
}
import { compact } from '../core/compact.ts';
