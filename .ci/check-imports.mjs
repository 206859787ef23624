// Checks import directions with dependency-cruiser. Also fails if dependency-cruiser did not see every source file, because a check
// of no files always passes.
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
if (seen < sources) process.stdout.write(`dependency-cruiser saw only ${seen} modules of ${sources} source files\n`);
process.exitCode = status === 0 && seen >= sources ? 0 : 1;
