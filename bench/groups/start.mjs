import { runNode } from '../rig.mjs';
import { interleave, spread } from '../trials.mjs';

const ROUNDS = 30;

/** What a person waits for before anything is done, against the start of Node itself. */
export const start = {
  name: 'start',
  measure: (rig) => {
    const cwd = rig.project(10);
    const validate = rig.connsync('validate');
    check(runNode(validate, { cwd, print: true }));
    const programs = [['-e', '0'], rig.connsync('--version'), validate];
    const runs = interleave(
      ROUNDS,
      programs.map((args) => () => runNode(args, { cwd }).ms),
    );
    const [bare, version, ten] = runs.map(spread);
    return [
      { what: 'node -e 0', unit: 'ms', ...bare },
      against(bare, { what: 'connsync --version', ...version }, 1.3),
      against(bare, { what: 'connsync validate, 10 manifests', ...ten }, 2),
    ];
  },
};

function against(bare, figure, atMost) {
  return { ...figure, unit: 'ms', judged: { value: figure.min / bare.min, unit: '×', atMost } };
}

function check({ stdout, stderr }) {
  if (!stdout.includes('10 manifests valid, 10 connections (') || stderr !== '')
    throw new Error(`validate says ${stdout}${stderr}`);
}
