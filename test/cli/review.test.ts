import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const BASE = '/api/v2/product-analytics/users/mapping/connection';

/** Returns a rig on which these connections are already applied and whose request log is empty. */
async function applied(...manifests: readonly (readonly [string, string])[]): Promise<Rig> {
  const rig = await Rig.start();
  for (const [file, text] of manifests) rig.write(`connections/${file}.yaml`, text);
  const ended = await rig.live('apply');
  expect(ended.exitCode, ended.stderr).toBe(0);
  rig.datadog.resetLog();
  return rig;
}

describe('applying a reviewed plan', () => {
  test('applies what was reviewed, without a prompt', async () => {
    await using rig = await applied(['a', manifest('users/a')]);
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    expect((await rig.live('plan --out plan.json')).exitCode).toBe(0);
    const file = JSON.parse(rig.read('plan.json')) as object;
    expect(file).toMatchObject({
      formatVersion: '1.0',
      inputs: { manifests: expect.stringContaining('sha256:') as string },
      options: { target: [], prune: false, maxDeletes: '30%' },
    });
    const ended = await rig.live('apply --plan plan.json', { typed: '' });
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).not.toContain('[y/N]');
    expect(rig.writes()).toEqual([`POST ${BASE}`]);
    expect((await rig.live('apply --plan plan.json')).exitCode).toBe(0);
  });

  test.each([
    [
      'a manifest',
      (rig: Rig) => rig.write('connections/b.yaml', manifest('users/b', ['other', 'more'])),
      'the manifests',
    ],
    [
      'another manifest',
      (rig: Rig) => rig.write('connections/c.yaml', manifest('users/c', ['third'])),
      'the manifests',
    ],
    ['Datadog', (rig: Rig) => rig.datadog.drop('users', 'a'), 'Datadog'],
    ['the lockfile', (rig: Rig) => rig.remove('connections.lock'), 'the lockfile'],
  ])('is stale if %s changed so that more is needed', async (_name, move, what) => {
    await using rig = await applied(['a', manifest('users/a')]);
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    await rig.live('plan --out plan.json');
    const { checksum } = JSON.parse(rig.read('plan.json')) as { readonly checksum: string };
    move(rig);
    const ended = await rig.live('apply --plan plan.json');
    expect(ended.exitCode).toBe(7);
    expect(ended.stderr).toContain('plan.json is stale');
    expect(ended.stderr).toContain(`changed since then: ${what}`);
    expect((await rig.live(`apply --checksum ${checksum}`)).exitCode).toBe(7);
    expect(rig.writes()).toEqual([]);
  });

  test('accepts a checksum after files were moved or an action became unnecessary', async () => {
    await using rig = await applied(['a', manifest('users/a')]);
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    await rig.live('plan --out plan.json');
    const { checksum } = JSON.parse(rig.read('plan.json')) as { readonly checksum: string };
    rig.remove('connections/b.yaml');
    rig.write('connections/moved/b.yaml', `# moved\n${manifest('users/b', ['other'])}`);
    expect((await rig.live(`apply --checksum ${checksum}`)).exitCode).toBe(0);
    expect((await rig.live(`apply --checksum ${checksum}`)).exitCode).toBe(0);
    expect((await rig.live('apply --plan plan.json')).exitCode).toBe(0);
  });

  test('keeps the plan’s filters and settings, and rejects a conflicting flag as bad input', async () => {
    await using rig = await applied(['a', manifest('users/a')]);
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    rig.write('connections/c.yaml', manifest('users/c', ['third']));
    await rig.live('plan --out plan.json --target users/b');
    for (const flag of [
      '--prune',
      '--target users/c',
      '--allow-replace',
      '--max-deletes 5',
      '--on-drift keep',
      '--adopt',
      '--allow-empty',
      '--exclude x',
    ]) {
      expect((await rig.live(`apply --plan plan.json ${flag}`)).exitCode).toBe(3);
    }
    expect((await rig.live('apply --plan plan.json')).exitCode).toBe(0);
    expect(rig.datadog.connections('users').map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test.each([
    ['is missing', undefined],
    ['is not JSON', 'x'],
    ['is another document', '{"formatVersion":"1.0"}'],
    [
      'does not contain a plan',
      '{"formatVersion":"1.0","checksum":null,"actions":[],"target":{"site":"datadoghq.com"}}',
    ],
  ])('rejects a file that %s as bad input', async (_name, text) => {
    await using rig = await applied(['a', manifest('users/a')]);
    if (text !== undefined) rig.write('plan.json', text);
    expect((await rig.live('apply --plan plan.json')).exitCode).toBe(3);
  });

  test('finds no file if the run made no plan', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', 'entity: [\n');
    expect((await rig.live('plan --out plan.json')).exitCode).toBe(3);
    expect(() => rig.read('plan.json')).toThrow('ENOENT');
  });

  test('requires a checksum with --checksum, and rejects it with --plan or --dry-run', async () => {
    await using rig = await applied(['a', manifest('users/a')]);
    expect((await rig.live('apply --checksum abc')).exitCode).toBe(3);
    const sum = `sha256:${'0'.repeat(64)}`;
    expect((await rig.live(`apply --checksum ${sum} --plan plan.json`)).exitCode).toBe(3);
    expect((await rig.live(`apply --dry-run --checksum ${sum}`)).exitCode).toBe(3);
  });
});

describe('--target and --exclude', () => {
  test('accept globs of keys, and the summary shows what was excluded', async () => {
    await using rig = await Rig.start();
    for (const key of ['users/a', 'users/b', 'accounts/a', 'users/.hidden'])
      rig.write(`connections/${key.replace('/', '-')}.yaml`, manifest(key, [`f_${key.replace(/\W/g, '')}`]));
    const keys = async (args: string): Promise<readonly string[]> => {
      const { actions } = JSON.parse((await rig.run(`plan --format json ${args}`)).stdout) as {
        readonly actions: readonly { readonly key: string }[];
      };
      return actions.map(({ key }) => key);
    };
    expect(await keys('--target users/*')).toEqual(['users/.hidden', 'users/a', 'users/b']);
    expect(await keys('--target users/a --target accounts/*')).toEqual(['accounts/a', 'users/a']);
    expect(await keys('--exclude */a')).toEqual(['users/.hidden', 'users/b']);
    expect(await keys('--target users/* --exclude users/b')).toEqual(['users/.hidden', 'users/a']);
    expect((await rig.run('plan --target users/a')).stdout).toContain('3 left out by --target and --exclude.');
  });
});
