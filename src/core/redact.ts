/**
 * Returns the function that redacts all output. It replaces everything that looks like a secret with `[redacted]`.
 *
 * | what                                   | how it is recognised                                                 |
 * | -------------------------------------- | -------------------------------------------------------------------- |
 * | the secrets given                      | exactly, as base64, base64url, hex, percent-encoded and JSON-escaped |
 * | the start of a secret at a text's end  | a truncated text may end within a secret                             |
 * | 32 or 40 hex digits                    | only next to `api key`, `app key`, `DD-API-KEY` and the like         |
 * | `ddpat_…`, `ddsat_…`                   | by their prefix                                                      |
 * | `Bearer …`, `Authorization: …`         | by the preceding word                                                |
 * | `//user:password@host`                 | by their position in a URL                                           |
 *
 * Secrets shorter than four characters are not redacted, because they would match parts of ordinary words.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = formsOfAll(secrets);
  const known = patternOf(forms);
  const redactPartial = partialSecretRedactor(forms);
  return (text) => {
    const withoutKnown = known === undefined ? text : redactPartial(text.replace(known, REDACTED));
    return PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), withoutKnown);
  };
}

/**
 * Returns a function that reports whether a text contains one of the secrets, in any form that the redactor
 * recognises.
 */
export function secretFinder(secrets: readonly string[]): (text: string) => boolean {
  const known = patternOf(formsOfAll(secrets));
  // Uses `search`, because `test` would start at the `lastIndex` that a global pattern keeps between calls.
  return (text) => known !== undefined && text.search(known) >= 0;
}

const REDACTED = '[redacted]';

// Every repetition is bounded or ends at a character that it can't match, so that no text makes these patterns slow.
const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/\bdd[ps]at_[\w-]+/g, REDACTED],
  [
    /(\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?)(?:(?:bearer|basic|digest|negotiate)\s{1,4})?(?!\[)[^\s"',\]}]+/gi,
    `$1${REDACTED}`,
  ],
  [/(\bbearer\s{1,4})(?!tokens?\b)[\w.~+/=-]+/gi, `$1${REDACTED}`],
  [
    /((?:api|app|application)[-_ ]?key\w{0,3}\W{0,16}(?:\w{1,10}\W{1,8}){0,3})(?:[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-f])/gi,
    `$1${REDACTED}`,
  ],
  [
    /(?<![0-9a-f])(?:[0-9a-f]{40}|[0-9a-f]{32})(\W{1,8}(?:\w{1,10}\W{1,4}){0,3}(?:api|app|application)[-_ ]?key)/gi,
    `${REDACTED}$1`,
  ],
  [/\/\/[^\s/?#"'<>]{1,1024}@/g, `//${REDACTED}@`],
];

const MIN_SECRET_LENGTH = 4;

/**
 * Returns all encoded forms of the secrets, longest first. A shorter form may be part of a longer one, and redacting it
 * first would leave the rest visible.
 */
function formsOfAll(secrets: readonly string[]): readonly string[] {
  const forms = new Set(secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH).flatMap(formsOf));
  return [...forms].sort((a, b) => b.length - a.length);
}

function patternOf(texts: readonly string[]): RegExp | undefined {
  return texts.length === 0 ? undefined : new RegExp(texts.map(escaped).join('|'), 'g');
}

/** Returns a pattern for a text that also matches it after up to three levels of JSON escaping. */
function escaped(text: string): string {
  return text.replace(/[\\"^$.*+?()[\]{}|/-]/g, (character) => {
    if (character === '\\') return String.raw`\\{1,15}`;
    return character === '"' ? String.raw`\\{0,15}"` : `\\${character}`;
  });
}

/** Minimum length of a partial secret at the end of a text. Shorter ones would match by chance. */
const MIN_PARTIAL_LENGTH = 8;

/** Returns a function that redacts the start of a secret at the end of a truncated text. */
function partialSecretRedactor(forms: readonly string[]): (text: string) => string {
  const long = forms.filter((form) => form.length > MIN_PARTIAL_LENGTH);
  if (long.length === 0) return (text) => text;
  // Uses a lookahead, so that overlapping matches are found too.
  const heads = new RegExp(
    `(?=${[...new Set(long.map((form) => escaped(form.slice(0, MIN_PARTIAL_LENGTH))))].join('|')})`,
    'g',
  );
  const longest = long[0]?.length ?? 0;
  return (text) => {
    const from = Math.max(0, text.length - longest);
    for (const { index } of text.slice(from).matchAll(heads)) {
      const end = text.slice(from + index);
      if (long.some((form) => form.startsWith(end))) return text.slice(0, from + index) + REDACTED;
    }
    return text;
  };
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const percent = encodeURIComponent(secret.toWellFormed());
  const base64 = [bytes.toString('base64'), ...insideBase64(bytes)];
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    percent,
    percent.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    ...base64,
    ...base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')),
  ];
}

// Returns the base64 digits of a secret within a longer encoded text, such as that of `user:secret`, for the three
// possible offsets. Omits digits that also depend on other bytes, and results of fewer than eight digits, which match
// by chance.
function insideBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const digits = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const inside = digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return inside.length >= 8 ? [inside] : [];
  });
}
