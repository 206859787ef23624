import { defineConfig } from 'vitest/config';

/** Only what holds the mutated files by table, by property and by crash point; the front door would take hours. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts', 'test/apply/**/*.test.ts'],
    pool: 'threads',
  },
});
