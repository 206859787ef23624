/** What a fuzzer is asked for. */
export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
}

/** What it saw. No finding is the goal. */
export interface Fuzzed {
  readonly inputs: number;
  readonly findings: readonly Finding[];
}

/** An input that did what none may, and what it did. It belongs into `findings/`, with a test. */
export interface Finding {
  readonly what: string;
  /** The input as text; bytes as base64. */
  readonly input: string;
}

/** So many findings are enough to begin with. */
export const MOST_FINDINGS = 10;
