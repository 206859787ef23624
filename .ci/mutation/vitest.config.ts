import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files whose tests take longer than all others together, the slowest last. */
const SLOW = ['protocol', 'delta', 'lockfile', 'redact', 'planner', 'printable', 'crash-points'];

/** The first test that fails ends a mutant: the quick ones come first. */
class QuickestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => SLOW.findIndex((name) => moduleId.includes(`/${name}.`));
    return files.toSorted((a, b) => rank(a) - rank(b));
  }
}

/** Only the tables, properties and crash points that cover the mutated files. The command-line tests would take hours. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts', 'test/apply/**/*.test.ts', 'test/state/journal-text.test.ts'],
    pool: 'threads',
    sequence: { sequencer: QuickestFirst },
    // Slow is not wrong: on a busy machine the usual bound would count mutants as killed that nothing has noticed.
    testTimeout: 15_000,
  },
});
