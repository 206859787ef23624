/** The parameters of a fuzzer. */
export interface FuzzOptions {
  readonly seed: number;
  readonly inputs: number;
}

/** The results of a fuzzer. There should be no findings. */
export interface Fuzzed {
  readonly inputs: number;
  readonly findings: readonly Finding[];
}

/** An input that caused forbidden behaviour, and the behaviour. Save it to `findings/` with a test. */
export interface Finding {
  readonly what: string;
  /** The input as text, with bytes as base64. */
  readonly input: string;
}

/** Stop after this number of findings. */
export const MOST_FINDINGS = 10;
