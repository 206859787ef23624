import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { PageData, PageConnection } from '../../src/page/document.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { complaints, undescribed } from '../schemas/published.ts';

/** Returns the data in a report. */
function dataOf(rig: Rig, file = 'report.html'): PageData {
  const [, text = ''] = /<script type="application\/json" id="data">([^<]*)<\/script>/.exec(rig.read(file)) ?? [];
  return JSON.parse(text) as PageData;
}

function statesOf({ document }: PageData): Readonly<Record<string, PageConnection['states']>> {
  return Object.fromEntries(document.connections.map(({ name, states }) => [name, states]));
}

/** Connections a and b, applied, and c in a manifest. */
async function withOneMore(): Promise<Rig> {
  const rig = await Rig.applied({
    'connections/a.yaml': manifest('users/a', ['a']),
    'connections/b.yaml': manifest('users/b', ['b']),
  });
  rig.write('connections/c.yaml', manifest('users/c', ['c']));
  return rig;
}

describe('connsync report', () => {
  test('writes what a live plan shows, and sends only reads', async () => {
    await using rig = await withOneMore();
    const { exitCode, stdout } = await rig.live('report --out out.html');
    expect({ exitCode, stdout }).toEqual({
      exitCode: 0,
      stdout: 'Plan: 1 to add, 0 to change, 0 to destroy. 2 unchanged.\nwrote out.html\n',
    });
    expect(rig.writes()).toEqual([]);
    const data = dataOf(rig, 'out.html');
    expect(data.document).toMatchObject({ kind: 'report', live: true, summary: { add: 1 } });
    expect(statesOf(data)).toEqual({ 'users/a': ['in-sync'], 'users/b': ['in-sync'], 'users/c': ['create'] });
    expect(data.status.runs).toMatchObject([{ kind: 'plan', summary: { add: 1 } }]);
  });

  test('without keys uses the lockfile alone, and sends nothing to Datadog', async () => {
    await using rig = await withOneMore();
    expect((await rig.run('report')).exitCode).toBe(0);
    expect((await rig.live('report --offline')).exitCode).toBe(0);
    expect(rig.sent()).toEqual([]);
    const { document } = dataOf(rig);
    expect(document).toMatchObject({ live: false });
    expect(document.connections.map(({ sides }) => sides)).toEqual([['git'], ['git', 'lockfile'], ['git', 'lockfile']]);
  });

  test('accepts the flags of plan: filters, prune, exit 2, live and offline', async () => {
    await using rig = await withOneMore();
    rig.remove('connections/b.yaml');
    expect((await rig.live('report --target users/b --detailed-exitcode')).exitCode).toBe(0);
    expect(statesOf(dataOf(rig))).toEqual({
      'users/a': ['left-out'],
      'users/b': ['orphaned'],
      'users/c': ['left-out'],
    });
    expect((await rig.live('report --prune --detailed-exitcode')).exitCode).toBe(2);
    expect(statesOf(dataOf(rig))).toMatchObject({ 'users/b': ['delete'] });
    rig.remove('report.html');
    expect((await rig.run('report --live')).exitCode).toBe(6);
    expect(() => rig.read('report.html')).toThrow('ENOENT');
  });

  test('of invalid manifests is written with the code frame of each error, and exits with 3', async () => {
    await using rig = await withOneMore();
    rig.write('connections/a.yaml', `${manifest('users/a', ['a'])}oops: 1\n`);
    rig.write('connections/d.yaml', 'nonsense: [\n');
    const { exitCode, stdout, stderr } = await rig.live('report');
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: 'wrote report.html\n' });
    expect(stderr).toContain('> 10 | oops: 1');
    expect(rig.sent()).toEqual([]);
    const data = dataOf(rig);
    expect(statesOf(data)).toEqual({
      'connections/d.yaml': ['invalid'],
      'users/a': ['invalid'],
      'users/b': ['unplanned'],
      'users/c': ['unplanned'],
    });
    expect(data.document).toMatchObject({ triedAt: expect.stringMatching(/^20.*Z$/) as unknown });
    expect(data.document).not.toHaveProperty('plannedAt');
    const [broken, a] = data.document.connections;
    // The record of a broken manifest is still shown.
    expect([broken?.sides, a?.sides]).toEqual([[], ['lockfile']]);
    const about = data.document.problems.filter(({ of }) => of.includes(a?.id ?? ''));
    expect(about).toMatchObject([{ code: 'unknown-property', file: 'connections/a.yaml', line: 10 }]);
    expect(about[0]?.frame).toContain('> 10 | oops: 1');
    expect(data.status.runs).toMatchObject([{ kind: 'plan-skipped', errors: data.document.problems.length }]);
  });

  test('of a broken connsync.yaml shows that error, and exits with 3', async () => {
    await using rig = await withOneMore();
    rig.write('connsync.yaml', 'nonsense: true\n');
    expect((await rig.live('report')).exitCode).toBe(3);
    expect(dataOf(rig).document.problems).toMatchObject([
      { code: 'missing-property' },
      { code: 'unknown-property', file: 'connsync.yaml', line: 1 },
    ]);
  });

  test('reports the file as an event, and in its document', async () => {
    await using rig = await withOneMore();
    const { stdout } = await rig.live('report --format ndjson');
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
    for (const event of events) expect([...complaints('events', event), ...undescribed('events', event)]).toEqual([]);
    expect(events.map(({ type }) => type).slice(-2)).toEqual(['file-written', 'end']);
    expect(events.at(-2)).toMatchObject({ file: 'report.html' });
    expect(JSON.parse((await rig.live('report --format json')).stdout)).toMatchObject({
      wrote: [{ file: 'report.html' }],
      problems: [],
    });
  });

  test('that can’t be written exits with 5, and leaves the existing file unchanged', async () => {
    await using rig = await withOneMore();
    mkdirSync(join(rig.folder, 'report.html'));
    const { exitCode, stdout, stderr } = await rig.live('report');
    expect(exitCode).toBe(5);
    expect(stdout).not.toContain('file-written');
    expect(stderr).toMatch(/could not write .*report\.html: it is a folder/);
    expect((await rig.live('report --out missing/report.html')).exitCode).toBe(5);
  });

  test('contains no key, wherever it was written', async () => {
    await using rig = await Rig.start();
    const secrets = ['0123456789abcdef0123456789abcdef', 'fedcba9876543210fedcba9876543210fedcba98', 'hunter2hunter2'];
    const env = {
      DD_API_KEY: secrets[0] ?? '',
      DD_APP_KEY: secrets[1] ?? '',
      HTTPS_PROXY: `http://me:${secrets[2]}@127.0.0.1:1`,
      NO_PROXY: '127.0.0.1',
    };
    rig.write(
      'connections/a.yaml',
      manifest(
        'users/a',
        ['a'],
        `    display_name: key ${secrets[0]}\n    description: ${Buffer.from(`me:${secrets[2]}`).toString('base64')}\n    groups: ["${secrets[1]}"]\nmetadata:\n  ${secrets[1]}: Bearer abcdefgh.ijkl\n`,
      ),
    );
    rig.datadog.seed(
      'users',
      { id: 'b', type: 'ref_table', join_attribute: 'ddpat_somebodyelses', join_type: 'email', fields: [] },
      'Authorization: Bearer abcdefgh.ijkl',
    );
    // These are other keys: a key of this run in a response ends the run before the page is written.
    expect(await rig.live('report', { env })).toMatchObject({ exitCode: 0, stderr: '' });
    const whole = rig.read('report.html');
    rig.write('connections/broken.yaml', `entity: users\nid: broken\noops: ${secrets[0]}\n`);
    expect((await rig.live('report', { env })).exitCode).toBe(3);
    for (const text of [whole, rig.read('report.html')]) {
      for (const secret of secrets) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain(Buffer.from(`me:${secret}`).toString('base64'));
      }
      expect(text).not.toMatch(/ijkl|somebodyelses/);
      expect(text).toContain('[redacted]');
    }
  });
});
