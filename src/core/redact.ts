/**
 * Makes the function that every sink passes its text through: whatever looks like a secret becomes `[redacted]`.
 *
 * | what                                   | how it is known                                                      |
 * | -------------------------------------- | -------------------------------------------------------------------- |
 * | the secrets given                      | exactly, as base64, base64url, hex, percent-encoded and JSON-escaped |
 * | the beginning of one at a text's end   | a text that was cut there holds half a secret                        |
 * | 32 or 40 hex digits                    | only beside `api key`, `app key`, `DD-API-KEY` and the like          |
 * | `ddpat_…`, `ddsat_…`                   | by their prefix                                                      |
 * | `Bearer …`, `Authorization: …`         | by the word before                                                   |
 * | `//user:password@host`                 | by their place in an address                                         |
 *
 * Given secrets shorter than four characters are left alone: they would blot out ordinary words.
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const forms = formsOfAll(secrets);
  const known = anyOf(forms);
  const withoutHalfReplaced = cutter(forms);
  return (text) => {
    const withoutKnown = known === undefined ? text : withoutHalfReplaced(text.replace(known, REDACTED));
    return PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), withoutKnown);
  };
}

/** Whether a text holds one of the secrets given, in any of the forms that the redactor knows. */
export function secretFinder(secrets: readonly string[]): (text: string) => boolean {
  const known = anyOf(formsOfAll(secrets));
  // `search` begins anew at every call, whatever the pattern remembers.
  return (text) => known !== undefined && text.search(known) >= 0;
}

const REDACTED = '[redacted]';

// Every repetition has a bound or ends at a character that it can not hold, so that no text makes these slow.
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

const SHORTEST_SECRET = 4;

/** The longest form first: a shorter one may be part of it, and would leave the rest standing. */
function formsOfAll(secrets: readonly string[]): readonly string[] {
  const forms = new Set(secrets.filter((secret) => secret.length >= SHORTEST_SECRET).flatMap(formsOf));
  return [...forms].sort((a, b) => b.length - a.length);
}

function anyOf(texts: readonly string[]): RegExp | undefined {
  return texts.length === 0 ? undefined : new RegExp(texts.map(escaped).join('|'), 'g');
}

/** A pattern for a text, also where JSON has escaped it, be it JSON within JSON within JSON. */
function escaped(text: string): string {
  return text.replace(/[\\"^$.*+?()[\]{}|/-]/g, (character) => {
    if (character === '\\') return String.raw`\\{1,15}`;
    return character === '"' ? String.raw`\\{0,15}"` : `\\${character}`;
  });
}

/** So much of a secret's beginning is known for it at the end of a text; less would match by chance. */
const SHORTEST_CUT = 8;

/** Takes the beginning of a known form away from the end of a text. */
function cutter(forms: readonly string[]): (text: string) => string {
  const long = forms.filter((form) => form.length > SHORTEST_CUT);
  if (long.length === 0) return (text) => text;
  // Looked ahead for, so that one that overlaps another is found too.
  const heads = new RegExp(
    `(?=${[...new Set(long.map((form) => escaped(form.slice(0, SHORTEST_CUT))))].join('|')})`,
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

// In a longer base64 text, such as that of `user:secret`, the secret starts at any of three offsets; only the digits
// that depend on nothing but the secret can be looked for. Fewer than eight of them would match by chance.
function insideBase64(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const digits = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    const inside = digits.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return inside.length >= 8 ? [inside] : [];
  });
}
