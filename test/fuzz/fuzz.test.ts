import { expect, test } from 'vitest';
import { keepFigures, SEED, sizeOf } from '../machinery/figures.ts';
import { fuzzAnswers } from './answers.ts';
import { fuzzArguments } from './argv.ts';
import type { Fuzzed, FuzzOptions } from './fuzzer.ts';
import { fuzzJournal } from './journal.ts';
import { fuzzLockfile } from './lockfile.ts';
import { fuzzYaml } from './yaml.ts';

/** The number of inputs for the slowest fuzzers; the fast ones take a multiple. `npm run test:long` increases it. */
const INPUTS = sizeOf('FUZZ', 200);

const FUZZERS: readonly [string, (options: FuzzOptions) => Fuzzed | Promise<Fuzzed>, number][] = [
  ['manifests', fuzzYaml, 20],
  ['lockfiles', fuzzLockfile, 10],
  ['journals', fuzzJournal, 10],
  ['answers', fuzzAnswers, 1],
  ['command lines', fuzzArguments, 1],
];

test.each(FUZZERS)(
  '%s in any state end as expected',
  async (name, fuzzer, times) => {
    const { inputs, findings } = await fuzzer({ seed: SEED, inputs: INPUTS * times });
    expect(inputs).toBe(INPUTS * times);
    expect(findings, `${name}, seed ${SEED}`).toEqual([]);
    keepFigures(`fuzzed ${name}`, { inputs, findings: findings.length });
  },
  600_000 + INPUTS * 10_000,
);
