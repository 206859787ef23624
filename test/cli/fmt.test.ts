import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const UNTIDY = `# ours
id: a   # the id
entity: users


join_type: email
type: ref_table
fields:
- type: string
  # why
  id: plan
  source_name: plan_column
join_attribute: user_email
# the end
`;

const TIDY = `# ours
entity: users
id: a   # the id
type: ref_table
join_attribute: user_email

join_type: email
fields:
  # why
  - id: plan
    source_name: plan_column
    type: string
# the end
`;

describe('fmt', () => {
  test('puts keys in order, keeps comments, and has nothing to do the second time', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY);
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    const first = await rig.run('fmt');
    expect(first.exitCode).toBe(0);
    expect(first.stdout).toBe('~ connections/a.yaml\n1 of 2 manifests formatted.\n');
    expect(rig.read('connections/a.yaml')).toBe(TIDY);
    expect((await rig.run('fmt')).stdout).toBe('0 of 2 manifests formatted.\n');
    expect(rig.read('connections/a.yaml')).toBe(TIDY);
  });

  test('--check writes nothing, names each file, and ends with 3', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY);
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    const ended = await rig.run('fmt --check --format json');
    expect(ended.exitCode).toBe(3);
    expect(JSON.parse(ended.stdout)).toMatchObject({ problems: [{ code: 'unformatted', file: 'connections/a.yaml' }] });
    expect(rig.read('connections/a.yaml')).toBe(UNTIDY);
    await rig.run('fmt');
    expect((await rig.run('fmt --check')).exitCode).toBe(0);
  });

  test('leaves a file with an error alone, tells it, and formats the others', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', UNTIDY);
    rig.write('connections/b.yaml', 'entity: [\n');
    const ended = await rig.run('fmt');
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr).toContain('connections/b.yaml');
    expect(rig.read('connections/b.yaml')).toBe('entity: [\n');
    expect(rig.read('connections/a.yaml')).not.toBe(UNTIDY);
  });

  test('keeps JSON JSON, and the shipped examples are formatted', async () => {
    await using rig = await Rig.start();
    rig.write(
      'connections/a.json',
      JSON.stringify({ id: 'a', entity: 'users', type: 'ref_table', join_type: 'email', join_attribute: 'x' }),
    );
    expect((await rig.run('fmt')).exitCode).toBe(0);
    expect(rig.read('connections/a.json')).toBe(
      `${JSON.stringify({ entity: 'users', id: 'a', type: 'ref_table', join_attribute: 'x', join_type: 'email' }, null, 2)}\n`,
    );
    const { cpSync } = await import('node:fs');
    cpSync(new URL('../../connections', import.meta.url), `${rig.folder}/shipped`, { recursive: true });
    expect((await rig.run('fmt --check --dir shipped')).exitCode).toBe(0);
  });
});
