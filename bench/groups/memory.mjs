import { runNode } from '../rig.mjs';
import { interleave, spread } from '../trials.mjs';

const ROUNDS = 3;
const COUNT = 20_000;

/** Measures the peak resident memory of a plan. The worst run counts, because a run that exceeds a runner's memory fails. */
export const memory = {
  name: 'memory',
  measure: (rig) => {
    const cwd = rig.project(COUNT);
    const programs = [[rig.program('yaml-only')], rig.connsync('plan', '--offline')];
    const runs = interleave(
      ROUNDS,
      programs.map((args) => () => runNode(args, { cwd, peak: true }).peakMiB),
    );
    const [bare, whole] = runs.map(spread);
    const size = COUNT.toLocaleString('en');
    return [
      { what: `peak memory of js-yaml load, ${size} manifests`, unit: 'MiB', ...bare },
      {
        what: `peak memory of connsync plan --offline, ${size} manifests`,
        unit: 'MiB',
        ...whole,
        judged: { value: whole.max, unit: 'MiB', atMost: 256 },
      },
    ];
  },
};
