import { runNode } from '../rig.mjs';
import { interleave, spread } from '../trials.mjs';

const ROUNDS = 30;

/**
 * Compares the startup of the command line with that of Node, and the startup of the Action with both, because it also loads
 * GitHub's toolkit.
 */
export const start = {
  name: 'start',
  measure: (rig) => {
    const cwd = rig.project(10);
    const validate = rig.connsync('validate');
    check(runNode(validate, { cwd, print: true }));
    const { args: action, env } = rig.action({ INPUT_COMMAND: 'validate' });
    check(runNode(action, { cwd, env, print: true }));
    const programs = [
      [['-e', '0']],
      [rig.connsync('--version')],
      [validate],
      [[rig.program('toolkit')], env],
      [action, env],
    ];
    const runs = interleave(
      ROUNDS,
      programs.map(
        ([args, more]) =>
          () =>
            runNode(args, { cwd, env: more }).ms,
      ),
    );
    const [bare, version, ten, toolkit, step] = runs.map(spread);
    const parts = 2 * ten.min + toolkit.min - bare.min;
    return [
      { what: 'node -e 0', unit: 'ms', ...bare },
      against(bare, { what: 'connsync --version', ...version }, 1.3),
      against(bare, { what: 'connsync validate, 10 manifests', ...ten }, 2),
      { what: "GitHub's toolkit, loaded", unit: 'ms', ...toolkit },
      {
        what: 'action validate, 10 manifests, of 2 × connsync and the toolkit',
        unit: 'ms',
        ...step,
        judged: { value: step.min / parts, unit: '×', atMost: 1 },
      },
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
