// Mutates the decision code: the planner and its comparison, the guards, the write-ahead protocol, the redactor and the merge.
// `npm run test:mutation` installs this folder's packages and runs Stryker from the repository root.
import { fileURLToPath } from 'node:url';

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  plugins: [fileURLToPath(import.meta.resolve('@stryker-mutator/vitest-runner'))],
  testRunner: 'vitest',
  vitest: { configFile: '.ci/mutation/vitest.config.ts' },
  mutate: [
    'src/core/planner.ts',
    'src/core/transition.ts',
    'src/core/guard.ts',
    'src/core/merge.ts',
    'src/core/redact.ts',
    'src/apply/goal.ts',
    'src/apply/protocol.ts',
    'src/apply/list-poller.ts',
    'src/apply/recover.ts',
    'src/state/journal-text.ts',
  ],
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 2,
  ignorePatterns: ['dist', 'docs', 'bench', '.connsync'],
  tempDirName: '.ci/mutation/.tmp',
  incremental: false,
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 85 },
  timeoutMS: 20_000,
};
