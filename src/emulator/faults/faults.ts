/** Every way in which one request can go wrong. What each of them does stands in `fault.ts`. */
export const KINDS = [
  'drop-before',
  'drop-after',
  'error-before',
  'error-after',
  'late',
  'late-error',
  'limited',
  'limited-bad',
  'hang',
  'drip',
  'cut',
  'bomb',
  'redirect',
  'html',
  'junk',
  'slow-headers',
  'dead',
] as const;

export type Kind = (typeof KINDS)[number];

/** Which requests go wrong, how, and how often. A request gets the first rule that matches it and whose dice say so. */
export interface Rule {
  readonly kind: Kind;
  /** Of the matching requests: 0 to 1, or a percentage such as `30%`. Without it, all of them. */
  readonly rate?: number | string;
  readonly methods?: readonly string[];
  /** One of these texts stands in the path. */
  readonly paths?: readonly string[];
  /** Only from the nth matching request on, counted from 1. */
  readonly after?: number;
  /** At most so many times. */
  readonly times?: number;
  /** What it is the length of depends on the kind; of two, something between them. */
  readonly ms?: number | readonly [number, number];
  /** For the kinds that answer an error; any fitting one where it is left out. */
  readonly status?: number;
  /** The origin that `redirect` leads to. */
  readonly to?: string;
}

/** How the server takes what is right: Datadog's own manners in these are published nowhere. */
export interface Quirks {
  /**
   * The answer to a create whose id is there: 409; 400 with a text that says so; 201 and a second connection with that
   * id; 201 and the old one overwritten.
   */
  readonly duplicates: 'conflict' | 'bad-request' | 'accept' | 'overwrite';
  /** `lenient`: a field that is added may be there, and is overwritten; one that is removed may be missing. */
  readonly put: 'strict' | 'lenient';
  /** What is made of display names and descriptions. */
  readonly normalise: false | 'trim' | 'lowercase';
}

/** Everything that can be wrong with the emulator. The same seed and the same order of requests give the same faults. */
export interface Faults extends Partial<Quirks> {
  readonly seed?: number;
  /** A list shows everything as it was so long ago. */
  readonly listLagMs?: number;
  readonly rules?: readonly Rule[];
}

export const NO_QUIRKS: Quirks = { duplicates: 'conflict', put: 'strict', normalise: false };
