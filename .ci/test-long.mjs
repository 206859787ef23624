// Runs the long tests: kills, signals, races, faults, fuzzers, sequences. Prints a table of what they counted.
//
//   npm run test:long                       takes half an hour or more
//   npm run test:long -- --out FILE         also writes the table to FILE
//   CONNSYNC_SEED=7 npm run test:long       uses another seed; SIZES lists a variable for each size
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SIZES = {
  CONNSYNC_SEED: 20_261_125,
  CONNSYNC_KILLS: 500, // for each of four responses to a second create, and for two of them with a lost journal
  CONNSYNC_SIGNALS: 300,
  CONNSYNC_SIGNAL_CONNECTIONS: 200,
  CONNSYNC_PROCESSES: 50,
  CONNSYNC_RACES: 200,
  CONNSYNC_DAYS: 5,
  CONNSYNC_STYLES: 4,
  CONNSYNC_SEQUENCES: 20_000,
  CONNSYNC_FUZZ: 20_000,
  CONNSYNC_CANARIES: 2_000,
  CONNSYNC_ACTION_CANARIES: 500,
  CONNSYNC_SAVES: 10_000,
  CONNSYNC_PROPERTIES: 2_000,
  CONNSYNC_PROCESS: 1, // every step of the Action and every example in a process of its own, every terminal a real one
  CONNSYNC_LONG: 1,
};

const scratch = mkdtempSync(join(tmpdir(), 'connsync-long-'));
const figures = join(scratch, 'figures.jsonl');
const env = {
  ...Object.fromEntries(Object.entries(SIZES).map(([name, size]) => [name, String(size)])),
  ...process.env,
};
const started = Date.now();
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'test/vitest.config.ts',
    '--maxWorkers',
    '2',
    'test/machinery',
    'test/model',
    'test/fuzz',
    'test/hostile',
    'test/terminal',
    'test/watch/random',
    'test/datadog/rate-limit',
    'test/action',
    'test/docs',
    'test/explain',
    'test/files',
    'test/reporters',
  ],
  { env: { ...env, CONNSYNC_FIGURES: figures }, stdio: 'inherit' },
);

const table = tableOf(existsSync(figures) ? readFileSync(figures, 'utf8') : '');
console.log(`\n${table}`);
const out = process.argv[process.argv.indexOf('--out') + 1];
if (process.argv.includes('--out') && out !== undefined) writeFileSync(out, table);
rmSync(scratch, { recursive: true, force: true });
process.exitCode = status ?? 1;

function tableOf(text) {
  const minutes = Math.round((Date.now() - started) / 60_000);
  const rows = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .map(({ what, ...counts }) => [
      what,
      Object.entries(counts)
        .filter(([name]) => name !== 'seed')
        .map(([name, count]) => `${name} ${typeof count === 'number' ? count.toLocaleString('en') : count}`)
        .join(', '),
    ]);
  return [
    `\`CONNSYNC_SEED=${env.CONNSYNC_SEED} npm run test:long\`, ${new Date(started).toISOString().slice(0, 10)}, ${minutes} minutes, Node ${process.versions.node}`,
    '',
    '| test | result |',
    '| --- | --- |',
    ...rows.map(([what, counts]) => `| ${what} | ${counts} |`),
    '',
  ].join('\n');
}
