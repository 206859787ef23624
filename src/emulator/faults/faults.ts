/** Every kind of fault. `fault.ts` describes what each one does. */
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

/** Which requests fail, how, and how often. If several rules apply to a request, only the first one is used. */
export interface Rule {
  readonly kind: Kind;
  /** Share of the matching requests that fail: 0 to 1, or a percentage such as `30%`. Default: all of them. */
  readonly rate?: number | string;
  readonly methods?: readonly string[];
  /** The path must contain one of these texts. */
  readonly paths?: readonly string[];
  /** The rule applies from this matching request on, counted from 1. */
  readonly after?: number;
  /** Maximum number of times that the rule applies. */
  readonly times?: number;
  /** A duration whose meaning depends on the kind, or a range for a random one. */
  readonly ms?: number | readonly [number, number];
  /** Status for the kinds that return an error. Default: any suitable one. */
  readonly status?: number;
  /** The origin that `redirect` points to. */
  readonly to?: string;
}

/** How the server handles valid requests where Datadog's own behaviour is undocumented. */
export interface Quirks {
  /**
   * The response to a create with an existing id. `conflict`: 409. `bad-request`: 400 with a message that the id
   * exists. `accept`: 201, with a second connection of that id. `overwrite`: 201, and the old connection is
   * overwritten.
   */
  readonly duplicates: 'conflict' | 'bad-request' | 'accept' | 'overwrite';
  /**
   * How an update treats mismatches. `lenient`: an added field overwrites an existing one, and a removed field may be
   * missing. `strict`: both are errors.
   */
  readonly put: 'strict' | 'lenient';
  /** How display names and descriptions are changed. */
  readonly normalise: false | 'trim' | 'lowercase';
}

/** All faults of the emulator. The same seed and order of requests give the same faults. */
export interface Faults extends Partial<Quirks> {
  readonly seed?: number;
  /** A list shows the state of this many milliseconds ago. */
  readonly listLagMs?: number;
  readonly rules?: readonly Rule[];
}

export const NO_QUIRKS: Quirks = { duplicates: 'conflict', put: 'strict', normalise: false };
