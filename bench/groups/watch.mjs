import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spread } from '../trials.mjs';

const SAVES = 15;
/** `atMost` is the goal for the median, in milliseconds. */
const CASES = [
  { count: 1_000, atMost: 150 },
  { count: 10_000, atMost: 300 },
];
/** Longer than the debounce of watch, in milliseconds. */
const REST_MS = 1_500;

/** Measures the time from a save of one file to its plan on the screen. */
export const watch = {
  name: 'watch',
  measure: async (rig) => {
    const figures = [];
    for (const { count, atMost } of CASES) {
      const saves = await watchOnce(rig, count);
      const { median } = spread(saves);
      figures.push({
        what: `watch of ${count.toLocaleString('en')}: a save to its plan`,
        unit: 'ms',
        ...spread(saves),
        judged: { value: median, unit: 'ms', atMost },
      });
    }
    return figures;
  },
};

async function watchOnce(rig, count) {
  const cwd = rig.freshProject(count);
  // Check that the output shows the change of this save and nothing else.
  const child = spawn(process.execPath, rig.connsync('watch', '--offline'), {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const printed = [];
  let waiting;
  child.stdout.on('data', () => {
    printed.push(performance.now());
    waiting?.();
  });
  const more = (than) => new Promise((resolve) => (waiting = () => printed.length > than && resolve()));
  const rest = () => new Promise((resolve) => setTimeout(resolve, REST_MS));
  try {
    await more(0);
    await more(1);
    await rest();
    const files = filesIn(join(cwd, 'connections'));
    const saves = [];
    for (let turn = 0; turn < SAVES; turn++) {
      const before = printed.length;
      const next = more(before);
      const began = performance.now();
      save(files[turn % files.length], turn);
      await next;
      saves.push(printed[before] - began);
      await rest();
    }
    return saves;
  } finally {
    child.kill('SIGINT');
    await once(child, 'close');
  }
}

function save(file, mark) {
  writeFileSync(file, readFileSync(file, 'utf8').replace(/display_name: .*/, `display_name: Saved ${mark}`));
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
