// Runs every static check in two parallel lanes, and reports all failures at the end.
//
//   node .ci/check.mjs          all of them
//   node .ci/check.mjs types    those whose names begin like that
import { spawn } from 'node:child_process';

const lanes = [
  [
    ['types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']],
    ['types of the page', 'tsc', ['--noEmit', '-p', 'src/page/client']],
    ['dead code', 'knip', ['--config', '.ci/knip.json', '--no-progress']],
    ['sizes', 'node', ['.ci/check-sizes.mjs']],
    ['words', 'node', ['.ci/check-words.mjs']],
    ['repository', 'node', ['.ci/repository.mjs']],
    ['package', 'publint', ['--strict']],
    ['package types', 'attw', ['--pack', '.', '--profile', 'esm-only', '--no-emoji']],
  ],
  [
    ['lint', 'oxlint', ['-c', '.ci/oxlintrc.json', '--deny-warnings']],
    ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
    ['import directions', 'node', ['.ci/check-imports.mjs']],
    ['generated files', 'node', ['.ci/generate.mjs', '--check']],
    ['screenshots', 'node', ['.ci/screenshots.mjs', '--check']],
  ],
];

const [, , only = ''] = process.argv;
const results = (await Promise.all(lanes.map(runLane))).flat();
for (const { name, ok, ms, output } of results) {
  process.stdout.write(
    `${ok ? 'ok    ' : 'FAILED'}  ${name.padEnd(18)} ${(ms / 1000).toFixed(1)} s\n${ok ? '' : output}`,
  );
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

async function runLane(checks) {
  const done = [];
  for (const [name, tool, args] of checks) if (name.startsWith(only)) done.push(await runCheck(name, tool, args));
  return done;
}

function runCheck(name, tool, args) {
  const started = performance.now();
  const [command, ...rest] = tool === 'node' ? [process.execPath, ...args] : [`node_modules/.bin/${tool}`, ...args];
  return new Promise((resolve) => {
    // Two checks pack the package. They must use the existing build, not rebuild it while other checks run.
    const env = { ...process.env, npm_config_ignore_scripts: 'true' };
    const child = spawn(command, rest, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (text) => (output += text));
    child.stderr.on('data', (text) => (output += text));
    child.on('close', (code) => resolve({ name, ok: code === 0, ms: performance.now() - started, output }));
  });
}
