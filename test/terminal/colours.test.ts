import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';
import { NO_SCRIPT, show } from './screen.ts';

/** The streams with colours: `plan` prints green plus signs on stdout, and a yellow or red mark on stderr. */
const COLOURED = /\u001B\[3\d/;

const yes = true;
const no = false;

/** The first of these with a value wins: `--color`, NO_COLOR, FORCE_COLOR, the terminal. */
const CASES: readonly (readonly [
  flag: string,
  env: Readonly<Record<string, string>>,
  onTerminal: boolean,
  piped: boolean,
])[] = [
  ['', {}, yes, no],
  ['--color auto', {}, yes, no],
  ['--color always', {}, yes, yes],
  ['--color never', {}, no, no],
  ['', { NO_COLOR: '1' }, no, no],
  ['', { NO_COLOR: 'false' }, no, no],
  // An empty NO_COLOR counts as unset, as no-color.org says.
  ['', { NO_COLOR: '' }, yes, no],
  ['', { FORCE_COLOR: '1' }, yes, yes],
  ['', { FORCE_COLOR: '3' }, yes, yes],
  ['', { FORCE_COLOR: 'true' }, yes, yes],
  ['', { FORCE_COLOR: '' }, yes, yes],
  ['', { FORCE_COLOR: '0' }, no, no],
  ['', { FORCE_COLOR: 'false' }, no, no],
  ['', { NO_COLOR: '1', FORCE_COLOR: '1' }, no, no],
  ['--color always', { NO_COLOR: '1' }, yes, yes],
  ['--color never', { FORCE_COLOR: '1' }, no, no],
  ['', { TERM: 'dumb' }, no, no],
  ['', { TERM: 'dumb', FORCE_COLOR: '1' }, yes, yes],
  ['--color always', { TERM: 'dumb' }, yes, yes],
  ['', { CI: 'true' }, yes, no],
  ['', { CI: 'true', NO_COLOR: '1' }, no, no],
  ['', { CI: 'true', FORCE_COLOR: '1' }, yes, yes],
];

/** The case that runs in a process of its own, with a real pseudo-terminal and real pipes. */
function isFirst(flag: string, env: Readonly<Record<string, string>>): boolean {
  return flag === '' && Object.keys(env).length === 0;
}

describe.each(CASES)('%s %o', (flag, env, onTerminal, piped) => {
  test.skipIf(NO_SCRIPT !== undefined)(`prints ${onTerminal ? 'colours' : 'no colours'} on a terminal`, async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const { raw, exitCode } = await show(rig, `plan ${flag}`, { env, ...(isFirst(flag, env) ? { pty: true } : {}) });
    expect(exitCode).toBe(0);
    expect(COLOURED.test(raw)).toBe(onTerminal);
  });

  test(`prints ${piped ? 'colours' : 'no colours'} in a pipe, on both streams`, async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    // With only one of the two keys, there is a warning on stderr and a plan on stdout.
    const options = { env: { ...env, DD_APP_KEY: 'b'.repeat(40) } };
    const { exitCode, stdout, stderr } = isFirst(flag, env)
      ? await rig.spawn(`plan ${flag}`, options)
      : await rig.runAsProcess(`plan ${flag}`, options);
    expect([exitCode, COLOURED.test(stdout), COLOURED.test(stderr)]).toEqual([0, piped, piped]);
  });
});

test('each stream has colours only if that stream is a terminal', async () => {
  await using rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a'));
  const { exitCode } = await show(rig, 'plan > plan.txt', { env: {}, pty: true });
  expect(exitCode).toBe(0);
  expect(rig.read('plan.txt')).not.toMatch(COLOURED);
});
