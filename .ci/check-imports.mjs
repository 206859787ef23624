// Import directions. An import check that cruised nothing is green too: this one fails unless it saw every source file.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const { stdout, stderr, status } = spawnSync(
  'node_modules/.bin/depcruise',
  ['--config', '.ci/dependency-cruiser.cjs', '--output-type', 'err-long', 'src'],
  { encoding: 'utf8' },
);
const seen = Number(/(\d+) modules/.exec(stdout)?.[1] ?? 0);
const sources = readdirSync('src', { recursive: true }).filter((file) => file.endsWith('.ts')).length;
process.stdout.write(`${stdout}${stderr}`);
if (seen < sources) process.stdout.write(`only ${seen} modules were seen, of ${sources} source files\n`);
process.exitCode = status === 0 && seen >= sources ? 0 : 1;
