import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answerFault } from './answers.ts';
import { lockfileFault } from './lockfile.ts';
import { manifestFault } from './yaml.ts';

const FINDINGS = join(import.meta.dirname, 'findings');

/** The name of a finding starts with the name of its fuzzer. */
const FAULTS: Readonly<Record<string, (bytes: Buffer) => string | undefined | Promise<string | undefined>>> = {
  manifest: manifestFault,
  answer: answerFault,
  lockfile: (bytes) => lockfileFault(bytes.toString('utf8')),
};

test('every earlier finding of the fuzzers stays fixed', async () => {
  for (const file of readdirSync(FINDINGS).filter((name) => name !== 'README.md')) {
    const faultOf = FAULTS[/^[a-z]+/.exec(file)?.[0] ?? ''];
    expect(faultOf, `${file} begins with ${Object.keys(FAULTS).join(', ')}`).toBeDefined();
    expect(await faultOf?.(readFileSync(join(FINDINGS, file))), file).toBeUndefined();
  }
});
