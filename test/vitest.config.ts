import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** GitHub's language service for workflows imports JSON in a way that Node itself rejects. */
const LANGUAGE_SERVICE = /\/@actions\/(languageservice|workflow-parser|expressions)\/.*\.js$/;

/** Folders whose tests keep nothing in modules or in the process: they share one module graph per worker instead of loading it for each file. */
const PURE = [
  'apply',
  'completion',
  'core',
  'datadog',
  'emulator',
  'explain',
  'files',
  'fuzz',
  'init',
  'manifest',
  'model',
  'reporters',
  'schemas',
  'state',
];

/** A test that hangs ends at some time. No test may depend on how soon: a machine may be ten times slower than another. */
const PATIENCE_MS = 300_000;

const pureTests = PURE.map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  plugins: [{ name: 'no-source-maps-of-the-language-service', enforce: 'pre', load: withoutSourceMap }],
  test: {
    // Threads share one process, and a spawn from a process that has grown to 800 MB takes 40 ms instead of 3.
    pool: 'forks',
    maxWorkers: 2,
    server: { deps: { inline: [LANGUAGE_SERVICE] } },
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    projects: [
      { extends: true, test: { name: 'pure', include: pureTests, isolate: false } },
      { extends: true, test: { name: 'isolated', include: ['test/**/*.test.ts'], exclude: pureTests } },
    ],
  },
});

/** Its source maps refer to sources that are not shipped, and each would cause a warning. */
function withoutSourceMap(id: string): { code: string; map: null } | undefined {
  if (!LANGUAGE_SERVICE.test(id)) return undefined;
  return { code: readFileSync(id, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, ''), map: null };
}
