import { runNode, startProgram } from '../rig.mjs';
import { spread } from '../trials.mjs';

const ROUNDS = 3;
/** `atLeast` is a percentage of concurrency ÷ latency. */
const CASES = [{ count: 400, latencyMs: 100, concurrency: 16, atLeast: 95 }];

/** Compares creates, with journal and lockfile on disk, with concurrency ÷ latency. The emulator runs in its own process. */
export const apply = {
  name: 'apply',
  measure: async (rig) => {
    const figures = [];
    for (const one of CASES) figures.push(...(await measureCase(rig, one)));
    return figures;
  },
};

async function measureCase(rig, { count, latencyMs, concurrency, atLeast }) {
  const runs = [];
  for (let round = 0; round < ROUNDS; round++) runs.push(await applyOnce(rig, { count, latencyMs, concurrency }));
  const ideal = Math.ceil(count / concurrency) * latencyMs;
  const creates = spread(runs.map(({ createsMs }) => createsMs));
  const whole = spread(runs.map(({ wholeMs }) => wholeMs));
  const how = `${count} creates, ${concurrency} at a time, ${latencyMs} ms each`;
  return [
    { what: `apply of ${how}`, unit: 'ms', ...creates, judged: { ...share(creates), atLeast } },
    { what: `the same, with start, lists and lockfile`, unit: 'ms', ...whole, judged: share(whole) },
  ];

  function share({ min }) {
    return { value: (100 * ideal) / min, unit: '%' };
  }
}

async function applyOnce(rig, { count, latencyMs, concurrency }) {
  const emulator = await startProgram(rig.program('emulator'), [String(latencyMs)]);
  try {
    const args = rig.connsync('apply', '--api-url', emulator.first.url, '--concurrency', String(concurrency));
    const env = { DD_API_KEY: 'a'.repeat(32), DD_APP_KEY: 'b'.repeat(40) };
    const { ms } = runNode(args, { cwd: rig.freshProject(count), env });
    const seen = await emulator.ask();
    if (seen.created !== count || seen.peak !== concurrency)
      throw new Error(`${seen.created} of ${count} were created, at most ${seen.peak} at a time`);
    return { createsMs: seen.ms, wholeMs: ms };
  } finally {
    await emulator.close();
  }
}
