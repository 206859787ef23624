import { runNode } from '../rig.mjs';
import { interleave, spread } from '../trials.mjs';

/** Fewer rounds for more manifests, so that each size takes ten to thirty seconds. */
const SIZES = [
  { count: 1_000, rounds: 15, atMost: 1.35 },
  { count: 10_000, rounds: 7, atMost: 1.35 },
];

/** Compares an offline plan that creates everything with a script that only loads the same files with js-yaml. */
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

/** Runs an untimed round first, which fills the system's file cache and checks the output of both programs. */
function check([bare, whole], count) {
  if (Number(bare.stdout) !== count) throw new Error(`the bare script says ${bare.stdout}`);
  const last = whole.stdout.trimEnd().split('\n').at(-1);
  if (last !== `Plan: ${count} to add, 0 to change, 0 to destroy.` || whole.stderr !== '')
    throw new Error(`the plan says ${last} ${whole.stderr}`);
}
