import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

/** GitHub's language service for workflows imports JSON in a way that Node itself rejects. */
const LANGUAGE_SERVICE = /\/@actions\/(languageservice|workflow-parser|expressions)\/.*\.js$/;

export default defineConfig({
  plugins: [{ name: 'no-source-maps-of-the-language-service', enforce: 'pre', load: withoutSourceMap }],
  test: {
    include: ['test/**/*.test.ts'],
    // Threads share one process, and a spawn from a process that has grown to 800 MB takes 40 ms instead of 3.
    pool: 'forks',
    maxWorkers: 3,
    server: { deps: { inline: [LANGUAGE_SERVICE] } },
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});

/** Its source maps refer to sources that are not shipped, and each would cause a warning. */
function withoutSourceMap(id: string): { code: string; map: null } | undefined {
  if (!LANGUAGE_SERVICE.test(id)) return undefined;
  return { code: readFileSync(id, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, ''), map: null };
}
