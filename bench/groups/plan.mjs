import { runNode } from '../rig.mjs';
import { interleave, spread } from '../trials.mjs';

/** The more manifests, the fewer rounds: each size takes ten to thirty seconds. */
const SIZES = [
  { count: 1_000, rounds: 15, atMost: 1.35 },
  { count: 10_000, rounds: 7, atMost: 1.35 },
];

/** An offline plan that creates everything, against a script that loads the same files with js-yaml and nothing else. */
export const plan = {
  name: 'plan',
  measure: (rig) => SIZES.flatMap((size) => measureSize(rig, size)),
};

function measureSize(rig, { count, rounds, atMost }) {
  const cwd = rig.project(count);
  const programs = [[rig.program('yaml-only')], rig.connsync('plan', '--offline')];
  check(
    programs.map((args) => runNode(args, { cwd, print: true })),
    count,
  );
  const runs = interleave(
    rounds,
    programs.map((args) => () => runNode(args, { cwd }).ms),
  );
  const [bare, whole] = runs.map(spread);
  const size = count.toLocaleString('en');
  return [
    { what: `js-yaml load, ${size} manifests`, unit: 'ms', ...bare },
    {
      what: `connsync plan --offline, ${size} manifests`,
      unit: 'ms',
      ...whole,
      judged: { value: whole.min / bare.min, unit: '×', atMost },
    },
  ];
}

/** The first round is not timed: it brings the files into the system's cache, and shows that both do what they should. */
function check([bare, whole], count) {
  if (Number(bare.stdout) !== count) throw new Error(`the bare script says ${bare.stdout}`);
  const last = whole.stdout.trimEnd().split('\n').at(-1);
  if (last !== `Plan: ${count} to add, 0 to change, 0 to destroy.` || whole.stderr !== '')
    throw new Error(`the plan says ${last} ${whole.stderr}`);
}
