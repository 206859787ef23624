import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';
import { quiet, typesOf, WatchProcess, type EventLine } from './watch-process.ts';

const NAMED = (name: string): string => `    display_name: ${name}\n`;
const OFFLINE = {};

/** Returns a rig with a folder that has connections a and b. */
async function ready(): Promise<Rig> {
  const rig = await Rig.start();
  rig.write('connections/a.yaml', manifest('users/a', ['a']));
  rig.write('connections/b.yaml', manifest('users/b', ['b']));
  return rig;
}

function plans(events: readonly EventLine[]): readonly EventLine[] {
  return events.filter(({ type }) => type === 'planned');
}

/** Waits for a plan with the given number of creates. */
async function planned(watching: WatchProcess, create: number, mark = 0): Promise<readonly EventLine[]> {
  return watching.until(
    (events) => plans(events).some(({ summary }) => (summary as { create: number }).create === create),
    mark,
  );
}

describe('a save', () => {
  test('is planned and reported with the file', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    const { mark } = watching;
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    const events = await planned(watching, 3, mark);
    expect(typesOf(events)).toEqual(['files-changed', 'loaded', 'action', 'action', 'action', 'planned']);
    expect(events[0]).toMatchObject({ files: ['connections/c.yaml'] });
    expect((await watching.stop()).exitCode).toBe(130);
  });

  test('without a changed byte does not plan again', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    await quiet();
    const { mark } = watching;
    rig.write('connections/a.yaml', manifest('users/a', ['a']));
    await quiet();
    expect(watching.since(mark)).toEqual([]);
  });

  test('of a broken file is reported with its position, and the plan stays until the file is fixed', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    const broken = watching.mark;
    rig.write('connections/a.yaml', `${manifest('users/a', ['a'])}oops: 1\n`);
    const events = await watching.waitFor('plan-skipped', broken);
    expect(events.find(({ type }) => type === 'problem')).toMatchObject({
      code: 'unknown-property',
      file: 'connections/a.yaml',
      line: 10,
      column: 1,
    });
    expect(plans(events)).toEqual([]);
    const fixedAt = watching.mark;
    rig.write('connections/a.yaml', manifest('users/a', ['a']));
    expect(plans(await planned(watching, 2, fixedAt))).toHaveLength(1);
    await watching.stop();
  });

  test('through a second file that is renamed over the first, as editors do, causes one plan', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    await quiet();
    for (const name of ['one', 'two']) {
      const { mark } = watching;
      rig.write('connections/.a.yaml.tmp', manifest('users/a', ['a'], NAMED(name)));
      rmSync(join(rig.folder, 'connections/a.yaml'));
      renameSync(join(rig.folder, 'connections/.a.yaml.tmp'), join(rig.folder, 'connections/a.yaml'));
      await watching.waitFor('planned', mark);
      await quiet();
      expect(typesOf(watching.since(mark)).filter((type) => type !== 'action')).toEqual([
        'files-changed',
        'loaded',
        'planned',
      ]);
      expect(watching.since(mark)[0]).toMatchObject({ files: ['connections/a.yaml'] });
    }
  });

  test('of connsync.yaml switches to the folders that it names', async () => {
    await using rig = await ready();
    rig.write('other/c.yaml', manifest('users/c', ['c']));
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    const first = watching.mark;
    rig.write('connsync.yaml', 'version: 1\nmanifests: [other]\n');
    await planned(watching, 1, first);
    const second = watching.mark;
    rig.write('other/d.yaml', manifest('users/d', ['d']));
    await planned(watching, 2, second);
    const third = watching.mark;
    rig.write('connsync.yaml', 'version: 1\nmanifest: [other]\n');
    expect(await watching.waitFor('plan-skipped', third)).toContainEqual(
      expect.objectContaining({ type: 'problem', code: 'unknown-property', file: 'connsync.yaml' }),
    );
    await watching.stop();
  });
});

describe('many saves', () => {
  test('of two hundred files at once cause at most a dozen plans, and the last one has all of them', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    const { mark } = watching;
    for (let index = 0; index < 200; index += 1)
      rig.write(`connections/burst/c${index}.yaml`, manifest(`users/c${index}`, [`f${index}`]));
    await planned(watching, 202, mark);
    await quiet();
    expect(plans(watching.since(mark)).length).toBeLessThanOrEqual(12);
    expect(plans(watching.since(mark)).at(-1)).toMatchObject({ summary: { create: 202 } });
  });
});

describe('folders', () => {
  test('are watched when they are new, with their subfolders', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    const first = watching.mark;
    rig.write('connections/new/deep/c.yaml', manifest('users/c', ['c']));
    await planned(watching, 3, first);
    const second = watching.mark;
    rig.write('connections/new/deep/d.yaml', manifest('users/d', ['d']));
    await planned(watching, 4, second);
    const third = watching.mark;
    rig.write('connections/new/deep/d.yaml', manifest('users/d', ['d'], NAMED('D')));
    await watching.waitFor('planned', third);
    const fourth = watching.mark;
    rig.remove('connections/new');
    expect(plans(await planned(watching, 2, fourth)).length).toBeGreaterThan(0);
  });

  test('of manifests cause an error while they are missing, and are found when they return', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    const away = watching.mark;
    renameSync(join(rig.folder, 'connections'), join(rig.folder, 'aside'));
    expect(await watching.waitFor('plan-skipped', away)).toContainEqual(
      expect.objectContaining({ code: 'missing-folder' }),
    );
    const back = watching.mark;
    renameSync(join(rig.folder, 'aside'), join(rig.folder, 'connections'));
    await planned(watching, 2, back);
    const saved = watching.mark;
    rig.write('connections/c.yaml', manifest('users/c', ['c']));
    await planned(watching, 3, saved);
  });

  test('are awaited if their parent folder is missing too', async () => {
    await using rig = await Rig.start();
    await using watching = new WatchProcess(rig, '--dir teams/growth/connections', OFFLINE);
    await watching.waitFor('plan-skipped');
    const { mark } = watching;
    rig.write('teams/growth/connections/a.yaml', manifest('users/a', ['a']));
    await planned(watching, 1, mark);
    const saved = watching.mark;
    rig.write('teams/growth/connections/b.yaml', manifest('users/b', ['b']));
    expect(plans(await planned(watching, 2, saved)).length).toBeGreaterThan(0);
  });

  test('are watched if they are created during the start', async () => {
    await using rig = await ready();
    for (let round = 0; round < 5; round += 1) {
      await using watching = new WatchProcess(rig, '', OFFLINE);
      await watching.waitFor('start');
      for (let index = 0; index < 20; index += 1)
        rig.write(
          `connections/r${round}/n${index}/c.yaml`,
          manifest(`users/r${round}n${index}`, [`r${round}n${index}`]),
        );
      await planned(watching, 2 + (round + 1) * 20);
      for (const index of [0, 7, 19]) {
        const { mark } = watching;
        rig.write(
          `connections/r${round}/n${index}/c.yaml`,
          manifest(`users/r${round}n${index}`, ['x', `y${round}_${index}`]),
        );
        await watching.waitFor('planned', mark);
      }
      expect((await watching.stop()).exitCode).toBe(130);
    }
  });

  test('may be links if they are named explicitly', async () => {
    await using rig = await ready();
    symlinkSync(join(rig.folder, 'connections'), join(rig.folder, 'linked'));
    await using watching = new WatchProcess(rig, '--dir linked', OFFLINE);
    await planned(watching, 2);
    const { mark } = watching;
    rig.write('connections/deep/c.yaml', manifest('users/c', ['c']));
    expect(plans(await planned(watching, 3, mark)).length).toBeGreaterThan(0);
  });

  test('next to those of manifests may be busy without causing plans', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    await quiet();
    const { mark } = watching;
    rig.write('notes.yaml', 'a: 1\n');
    rig.write('other/c.yaml', manifest('users/c', ['c']));
    writeFileSync(join(rig.folder, 'connections/.a.yaml.swp'), 'swap');
    await quiet();
    expect(watching.since(mark)).toEqual([]);
  });

  test('plan again with a warning if a link appears in them, because its manifests are not read', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    await quiet();
    const { mark } = watching;
    rig.write('other/c.yaml', manifest('users/c', ['c']));
    symlinkSync(join(rig.folder, 'other'), join(rig.folder, 'connections/link'));
    await planned(watching, 2, mark);
    expect(watching.since(mark)).toContainEqual(
      expect.objectContaining({ code: 'linked-file', file: 'connections/link' }),
    );
  });
});

describe('a lockfile', () => {
  test('that another process changed, such as a git pull, is used for the next plan', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    const { mark } = watching;
    expect((await rig.live('apply')).exitCode).toBe(0);
    await planned(watching, 0, mark);
    await quiet();
    const changed = watching.since(mark).filter(({ type }) => type === 'files-changed');
    expect(changed.map(({ files }) => files)).toEqual([['connections.lock']]);
    await watching.stop();
  });

  test('that is damaged is reported, and the watch continues until it is fixed', async () => {
    await using rig = await ready();
    await using watching = new WatchProcess(rig, '', OFFLINE);
    await planned(watching, 2);
    const damaged = watching.mark;
    rig.write('connections.lock', '<<<<<<< ours\n');
    expect(await watching.waitFor('plan-skipped', damaged)).toContainEqual(
      expect.objectContaining({ code: 'lockfile-conflict' }),
    );
    const fixedAt = watching.mark;
    rig.remove('connections.lock');
    await planned(watching, 2, fixedAt);
    expect((await watching.stop('SIGTERM')).exitCode).toBe(143);
  });
});
