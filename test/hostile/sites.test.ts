import { expect, test } from 'vitest';
import { printLockfile } from '../../src/core/lockfile.ts';
import { SITES } from '../../src/datadog/site.ts';
import { byKey, recorded } from '../core/samples.ts';
import { manifest, Rig } from '../rig/rig.ts';

test.each(SITES)('every command keeps to the site of a lockfile of %s, whatever other site is given', async (site) => {
  await using rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a'));
  rig.write(
    'connections.lock',
    printLockfile({ header: { site, manifests: ['connections'] }, records: byKey(recorded('users/a')) }),
  );
  for (const other of SITES.filter((each) => each !== site)) {
    for (const command of ['plan', 'apply --yes --prune', 'drift', 'import --all'])
      expect((await rig.live(`${command} --site ${other}`)).exitCode, `${command} ${other}`).toBe(6);
  }
  expect(rig.sent()).toEqual([]);
});
