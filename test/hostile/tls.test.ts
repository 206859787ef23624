import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const UNCHECKED = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };

async function rigWithOne(): Promise<Rig> {
  const rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a'));
  return rig;
}

describe('NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
  test.each([
    'plan',
    'plan --live',
    'apply --yes',
    'apply --dry-run',
    'drift',
    'import --all',
    'accept --all',
    'state rebuild',
    'doctor',
  ])('ends %s with 3 before anything is sent, and names the safe alternative', async (command) => {
    await using rig = await rigWithOne();
    const { exitCode, stdout, stderr } = await rig.live(command, { env: UNCHECKED });
    expect(exitCode).toBe(3);
    expect(stdout + stderr).toContain('NODE_EXTRA_CA_CERTS');
    expect(rig.sent()).toEqual([]);
  });

  test('is bad input for an apply without credentials too, and reported as a separate problem', async () => {
    await using rig = await rigWithOne();
    const { exitCode, stdout } = await rig.run('apply --format json', { env: UNCHECKED });
    expect(exitCode).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ problems: [{ code: 'insecure-tls', severity: 'error' }] });
  });

  test.each(['validate', 'plan --offline', 'plan', 'plan --site local', 'fmt --check', 'state list'])(
    'does not affect %s without keys, which sends nothing over the network',
    async (command) => {
      await using rig = await rigWithOne();
      expect((await rig.run('fmt')).exitCode).toBe(0);
      expect((await rig.run(command, { env: UNCHECKED })).exitCode).toBe(0);
    },
  );

  test.each(['1', '', 'false'])('set to %j disables nothing and is ignored', async (value) => {
    await using rig = await rigWithOne();
    expect((await rig.live('plan', { env: { NODE_TLS_REJECT_UNAUTHORIZED: value } })).exitCode).toBe(0);
  });

  test('ends the built command too', async () => {
    await using rig = await rigWithOne();
    const ended = await rig.spawn('plan', { env: { ...rig.keys, ...UNCHECKED } });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain('insecure-tls');
    expect(rig.sent()).toEqual([]);
  });
});
