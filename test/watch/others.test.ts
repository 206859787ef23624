import { spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { stampOf } from '../../src/files/read.ts';
import { writeAtomically } from '../../src/files/atomic-write.ts';
import { openManifestCache } from '../../src/manifest/manifest-cache.ts';
import { fileStore } from '../../src/state/file-store.ts';
import { reaped } from '../rig/children.ts';
import { CLI, manifest, Rig } from '../rig/rig.ts';
import { NO_TERMINAL, Terminal } from './terminal.ts';
import { quiet, WatchProcess, type EventLine } from './watch-process.ts';

const NAMED = (name: string): string => `    display_name: ${name}\n`;
const OFFLINE = {};

const APPLIED = { 'connections/a.yaml': manifest('users/a', ['a', 'more']) };

/** Returns whether the last plan has the given numbers of creates and updates. */
function comesTo(create: number, update: number): (events: readonly EventLine[]) => boolean {
  return (events) => {
    const last = events.findLast(({ type }) => type === 'planned');
    return JSON.stringify(last?.['summary'] ?? {}).includes(`"create":${create},"update":${update},`);
  };
}

describe('an apply in another terminal', () => {
  test('is not drift, because its records are compared with lists that include its changes', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig);
    await watching.waitFor('planned');
    rig.write('connections/b.yaml', manifest('users/b', ['b']));
    rig.write('connections/a.yaml', manifest('users/a', ['a', 'more'], NAMED('A')));
    await watching.until(comesTo(1, 1));
    expect((await rig.live('apply')).exitCode).toBe(0);
    await watching.until(comesTo(0, 0));
    await quiet();
    expect(watching.events.filter(({ type }) => type === 'drift')).toEqual([]);
    expect((await watching.stop()).exitCode).toBe(130);
  });

  test('is reported while it holds the lockfile, and saves made meanwhile are applied once it has ended', async () => {
    await using rig = await Rig.applied(APPLIED);
    const path = join(rig.folder, 'connections.lock');
    const store = fileStore({ path, shown: 'connections.lock', write: writeAtomically, now: Date.now });
    const release = await store.hold({ command: 'apply', since: Date.now() }, 0, new AbortController().signal);
    await using watching = new WatchProcess(rig, '--apply --yes --interval 1s');
    await watching.waitFor('planned');
    rig.write('connections/a.yaml', manifest('users/a', ['a', 'more'], NAMED('A')));
    const events = await watching.waitFor('problem', 0, { code: 'lock-held' });
    expect(events.find(({ code }) => code === 'lock-held')?.['hint']).toBe(
      'press r to retry now, or wait for the next save',
    );
    expect(rig.writes()).toEqual([]);
    await release();
    await watching.waitFor('applied');
    expect(rig.writes()).toHaveLength(1);
    expect((await watching.stop()).exitCode).toBe(130);
  });
});

describe('with --apply', () => {
  test('applies a save that could not be planned once Datadog is reachable again', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig, '--apply --yes --interval 1s --max-retries 0');
    await watching.waitFor('planned');
    rig.datadog.setFaults({ rules: [{ kind: 'dead' }] });
    rig.write('connections/a.yaml', manifest('users/a', ['a', 'more'], NAMED('A')));
    await watching.waitFor('problem', 0, { code: 'unreachable' });
    rig.datadog.setFaults(undefined);
    await watching.waitFor('applied');
    expect((await watching.stop()).exitCode).toBe(130);
  });

  test('does not apply a file that an editor has half written, even if that half is valid', async () => {
    await using rig = await Rig.applied(APPLIED);
    const file = join(rig.folder, 'connections/a.yaml');
    const text = manifest('users/a', ['a', 'more'], NAMED('A'));
    const half = text.indexOf('  - id: more');
    await using watching = new WatchProcess(rig, '--apply --yes');
    await watching.waitFor('planned');
    for (let turn = 0; turn < 3; turn += 1) {
      writeFileSync(file, text.slice(0, half));
      await sleep(200);
      appendFileSync(file, text.slice(half).replace('A', `A${turn}`));
      await watching.waitFor('applied', watching.mark);
    }
    expect(rig.datadog.requests.filter(({ method }) => method === 'PUT')).toHaveLength(3);
    expect(rig.datadog.connections('users')).toMatchObject([{ fields: [{ id: 'a' }, { id: 'more' }] }]);
    expect((await watching.stop()).exitCode).toBe(130);
  });

  test('does not apply if the settings have an error, which stops a plan too', async () => {
    await using rig = await Rig.applied(APPLIED);
    await using watching = new WatchProcess(rig, '--apply --yes');
    await watching.waitFor('planned');
    rig.write('connsync.yaml', 'version: 1\nprune: flase\n');
    await watching.waitFor('plan-skipped');
    rig.write('connections/a.yaml', manifest('users/a', ['a', 'more'], NAMED('A')));
    await quiet();
    expect(rig.writes()).toEqual([]);
    rig.remove('connsync.yaml');
    await watching.waitFor('applied');
    expect((await watching.stop()).exitCode).toBe(130);
  });
});

test('watch follows settings that become live, and lists Datadog repeatedly', async () => {
  await using rig = await Rig.applied(APPLIED);
  rig.write('connsync.yaml', 'version: 1\nbogus: 1\n');
  await using watching = new WatchProcess(rig, '--interval 1s');
  await watching.waitFor('plan-skipped');
  rig.write('connsync.yaml', 'version: 1\n');
  await watching.waitFor('planned');
  await watching.waitFor('scheduled');
  rig.datadog.edit('users', 'a', (connection) => ({ ...connection, fields: connection.fields.slice(0, 1) }), 'ana');
  await watching.waitFor('drift');
  expect((await watching.stop()).exitCode).toBe(130);
});

describe('linked folders', () => {
  test('are followed to their current target', async () => {
    await using rig = await Rig.start();
    for (const name of ['one', 'two']) mkdirSync(join(rig.folder, 'elsewhere', name), { recursive: true });
    rig.write('elsewhere/one/a.yaml', manifest('users/a', ['a']));
    rig.write('elsewhere/two/a.yaml', manifest('users/b', ['b']));
    rig.write('elsewhere/two/c.yaml', manifest('users/c', ['c']));
    mkdirSync(join(rig.folder, 'here'));
    symlinkSync('../elsewhere/one', join(rig.folder, 'here/connections'));
    await using watching = new WatchProcess(rig, '--dir here/connections', OFFLINE);
    await watching.until(comesTo(1, 0));
    symlinkSync('../elsewhere/two', join(rig.folder, 'here/next'));
    renameSync(join(rig.folder, 'here/next'), join(rig.folder, 'here/connections'));
    await watching.until(comesTo(2, 0));
    rig.write('elsewhere/two/d.yaml', manifest('users/d', ['d']));
    await watching.until(comesTo(3, 0));
    expect((await watching.stop()).exitCode).toBe(130);
  });
});

describe('an unreadable file', () => {
  test('has no stamp and is checked again without a write', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a', ['a']));
    expect(stampOf(join(rig.folder, 'connections/a.yaml/below'), Date.now())).toBeUndefined();
    let isBusy = true;
    const memory = openManifestCache();
    const source = {
      list: () => ({ files: ['a.yaml'], problems: [], missing: [] }),
      stamp: () => 'the same',
      read: () =>
        isBusy
          ? ({ code: 'unreadable-file', message: 'busy', hint: 'later' } as const)
          : { bytes: new TextEncoder().encode(manifest('users/a', ['a'])) },
    };
    expect(memory.read(source).manifests.problems).toHaveLength(1);
    isBusy = false;
    expect(memory.read(source).manifests.problems).toEqual([]);
  });
});

test('watch ends if the reader closes the pipe', async () => {
  await using rig = await Rig.applied(APPLIED);
  const child = reaped(
    spawn('bash', ['-c', `"$0" "${CLI}" watch --offline --format ndjson | head -n 1`, process.execPath], {
      cwd: rig.folder,
      env: { PATH: process.env['PATH'] ?? '' },
      stdio: 'ignore',
    }),
  );
  const ended = new Promise((resolve) => child.on('close', resolve));
  const saves = setInterval(() => rig.write('connections/a.yaml', manifest('users/a', [`f${Date.now()}`])), 200);
  try {
    expect(await ended).toBe(0);
  } finally {
    clearInterval(saves);
  }
});

describe.skipIf(NO_TERMINAL !== undefined)('a prompt', () => {
  test.each([
    ['with --quiet', 'watch --quiet', {}, 100],
    ['on a dumb terminal', 'watch', { TERM: 'dumb' }, 100],
    ['on a narrow terminal', 'watch', {}, 30],
  ])('is visible %s', async (_, args, env, columns) => {
    await using rig = await Rig.applied(APPLIED);
    rig.write('connections/a.yaml', manifest('users/a', ['a', 'more'], NAMED('A')));
    using terminal = new Terminal(rig, args, columns, { ...rig.keys, ...env });
    await sleep(1_500);
    terminal.press('a');
    await terminal.shows(/Apply these\s+changes\? y\/N/);
    terminal.press('y');
    await terminal.shows(/updated/);
    terminal.press('q');
    expect(await terminal.shows(/ended \d/)).toContain('ended 0');
  });
});

test('watch leaves while it still reads the folders', async () => {
  await using rig = await Rig.start();
  for (let index = 0; index < 1_500; index += 1)
    rig.write(`connections/f${index % 60}/c${index}.yaml`, manifest(`users/c${index}`, [`f${index}`]));
  await using watching = new WatchProcess(rig, '--offline', OFFLINE);
  await watching.waitFor('start');
  expect((await watching.stop()).exitCode).toBe(130);
  rmSync(join(rig.folder, 'connections'), { recursive: true });
});
