import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

describe('usage errors are bad input, with a suggestion', () => {
  test.each([
    ['pln', 'Did you mean plan?'],
    ['plan --ofline', 'Did you mean --offline?'],
    ['plan --format jsn', 'human, json, ndjson'],
    ['plan extra', 'too many arguments'],
    ['plan --timeout 30', '500ms, 30s or 2m'],
    ['plan --timeout 99999999h', '24 days'],
    ['plan --max-retries -1', 'whole number'],
    ['plan --max-deletes 101%', '30%'],
    ['plan --on-drift ignore', 'revert, keep, refuse'],
    ['apply --concurrency 0', 'whole number of at least 1'],
    ['apply --concurrency 1.5', 'whole number of at least 1'],
    ['apply --lock-timeout soon', '500ms, 30s or 2m'],
    ['apply --api-key x', 'unknown option'],
    ['validate --live', 'unknown option'],
    ['apply --auto-approve', '(Did you mean --yes?)'],
    ['watch --interval 500ms', 'at least 1s'],
    ['watch --interval often', '500ms, 30s or 2m'],
    ['watch --format json', 'human, ndjson'],
    ['watch --out plan.json', 'unknown option'],
    ['emulator --rate-limit often', '20/1s'],
  ])('%s', async (args, expected) => {
    await using rig = await Rig.start();
    const ended = await rig.live(args);
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toContain(expected);
    expect(rig.sent()).toEqual([]);
  });
});

describe('connsync.yaml', () => {
  test.each([
    ['version: 1\nprune: maybe\n', 'wrong-type', 'connsync.yaml', 2, 8],
    ['version: 1\nconcurency: 4\n', 'unknown-property', 'connsync.yaml', 2, 1],
    ['version: 1\nsite: datadog.eu\n', 'bad-site', 'connsync.yaml', 2, 7],
    ['site: datadoghq.eu\n', 'missing-property', 'connsync.yaml', 1, 1],
  ])('with %o is reported with its position', async (text, code, file, line, column) => {
    await using rig = await Rig.start();
    rig.write('connsync.yaml', text);
    rig.write('connections/a.yaml', manifest('users/a'));
    for (const command of ['validate', 'plan', 'apply']) {
      const ended = await rig.live(`${command} --format json`);
      expect(ended.exitCode).toBe(3);
      const { problems } = JSON.parse(ended.stdout) as { readonly problems: readonly object[] };
      expect(problems[0]).toMatchObject({ code, file, line, column });
    }
    expect(rig.sent()).toEqual([]);
  });

  test('sets the folders and the lockfile', async () => {
    await using rig = await Rig.start();
    rig.write('connsync.yaml', 'version: 1\nmanifests: [one, two]\nlockfile: state/my.lock\n');
    rig.write('one/a.yaml', manifest('users/a'));
    rig.write('two/b.yaml', manifest('users/b', ['other']));
    expect((await rig.live('apply')).exitCode).toBe(0);
    expect(rig.read('state/my.lock').split('\n')[0]).toContain('"manifests":["../one","../two"]');
  });

  test('is optional: without it the lockfile is next to the first folder', async () => {
    await using rig = await Rig.start();
    rig.write('teams/growth/connections/a.yaml', manifest('users/a'));
    expect((await rig.live('apply --dir teams/growth/connections')).exitCode).toBe(0);
    expect(rig.read('teams/growth/connections.lock').split('\n')[0]).toContain('"manifests":["connections"]');
  });
});

describe('validate', () => {
  test('reports every problem of every file, each with its frame and the next step', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a').replace('join_attribute', 'join_atribute'));
    rig.write('connections/b.yaml', manifest('users/b').replace('source_name: plan_column', 'source_name: 0123'));
    const ended = await rig.run('validate');
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toContain('unknown-property  4:1  "join_atribute" is not allowed here');
    expect(ended.stdout).toContain(
      '> 4 | join_atribute: user_email\n      | ^^^^^^^^^^^^^ did you mean "join_attribute"?',
    );
    expect(ended.stdout).toContain('must be text; write "0123" with quotes');
    expect(ended.stdout).toMatch(
      /2 of 2 manifests invalid, 2 errors, 1 warning \(offline, \d+ ms\)\nto learn more: connsync explain unknown-property\n$/,
    );
    expect(ended.stderr).toBe('');
  });

  test('passes with warnings only', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('teams/a'));
    const ended = await rig.run('validate');
    expect(ended.exitCode).toBe(0);
    expect(ended.stdout).toContain('unknown-entity');
    expect(ended.stdout).toContain('1 warning');
  });

  test('rejects a missing folder as bad input', async () => {
    await using rig = await Rig.start();
    const ended = await rig.run('validate --dir conections');
    expect(ended.exitCode).toBe(3);
    expect(ended.stdout).toContain('the folder conections/ does not exist');
  });
});

describe('plan as text', () => {
  test('shows each action, says what it compared, and ends with the summary sentence', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a', ['plan', 'seats'], 'metadata:\n  source: crm\n'));
    const { stdout } = await rig.live('plan', { columns: 60 });
    expect(stdout.replace(/\d+ ms/, 'N ms')).toBe(
      [
        'connsync plan   datadoghq.com   lockfile + live Datadog',
        '  1 manifest, 1 entity, N ms',
        '',
        '+ users/a  create   connections/a.yaml',
        '    type ref_table   join user_email ⇄ email',
        '    fields + plan string  + seats string',
        '    metadata source=crm',
        '',
        'Plan: 1 to add, 0 to change, 0 to destroy.',
        '',
      ].join('\n'),
    );
  });

  test('has ASCII equivalents of its symbols, and colours only on request', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    expect((await rig.run('plan', { env: { LC_ALL: 'C' } })).stdout).toContain('user_email <-> email');
    expect((await rig.run('plan')).stdout).not.toContain('\u001B');
    expect((await rig.run('plan --color always')).stdout).toContain('\u001B[32m+');
    expect((await rig.run('plan', { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001B[32m+');
    expect((await rig.run('plan', { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout).not.toContain('\u001B');
  });

  test('prints hostile text of a manifest as harmless text', async () => {
    await using rig = await Rig.start();
    rig.write(
      'connections/a.yaml',
      `${manifest('users/a')}    display_name: "\\e[2J\\u202Eevil\\n::error::x"\nmetadata:\n  source: "\\e]0;title\\a"\n`,
    );
    const { stdout } = await rig.run('plan');
    expect(stdout).not.toMatch(/[\u0007\u001B\u202E]/);
    expect(stdout).not.toMatch(/^::/m);
  });

  test('makes the exit code 2 with changes and 0 without with --detailed-exitcode', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    expect((await rig.live('plan --detailed-exitcode')).exitCode).toBe(2);
    expect((await rig.live('apply --dry-run --detailed-exitcode')).exitCode).toBe(2);
    await rig.live('apply');
    expect((await rig.live('plan --detailed-exitcode')).exitCode).toBe(0);
  });

  test('is the document that the schema promises with --format json', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', `# a comment\n${manifest('users/a')}`);
    const document = JSON.parse((await rig.live('plan --format json')).stdout) as {
      readonly checksum: string;
      readonly actions: readonly { readonly digest: string }[];
    };
    expect(document).toEqual({
      formatVersion: '1.0',
      target: { environment: 'default', site: 'datadoghq.com', org: rig.datadog.organisation },
      compared: ['lockfile', 'live'],
      actions: [
        {
          kind: 'create',
          key: 'users/a',
          file: 'connections/a.yaml',
          line: 2,
          digest: document.actions[0]?.digest,
          changes: [],
          drifted: false,
        },
      ],
      summary: {
        create: 1,
        update: 0,
        replace: 0,
        delete: 0,
        adopt: 0,
        forget: 0,
        unchanged: 0,
        unmanaged: 0,
        orphaned: 0,
        drifted: 0,
      },
      checksum: document.checksum,
      refusals: [],
      problems: [],
    });
    expect(document.checksum).toMatch(/^sha256:[0-9a-f]{64}$/);
  });
});

test('schema prints the schema that the package ships', async () => {
  await using rig = await Rig.start();
  const { stdout, exitCode } = await rig.run('schema');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    $schema: expect.stringContaining('draft-07') as string,
    required: expect.arrayContaining(['entity', 'id']) as unknown,
  });
});

test('the documented example of Datadog is created and needs no further change', async () => {
  await using rig = await Rig.start();
  const { readFileSync } = await import('node:fs');
  rig.write(
    'connections/example.yaml',
    readFileSync(new URL('../../connections/users/crm-integration.yaml', import.meta.url), 'utf8'),
  );
  expect((await rig.live('apply')).exitCode).toBe(0);
  expect(rig.datadog.connections('users')).toMatchObject([
    {
      id: 'crm-integration',
      type: 'ref_table',
      join: { attribute: 'user_email', type: 'email' },
      fields: [
        {
          id: 'customer_tier',
          source_name: 'subscription_tier',
          type: 'string',
          display_name: 'Customer Tier',
          description: 'Customer subscription tier from `CRM`',
        },
        {
          id: 'lifetime_value',
          source_name: 'ltv',
          type: 'number',
          display_name: 'Lifetime Value',
          description: 'Customer lifetime value in `USD`',
        },
      ],
    },
  ]);
  expect((await rig.live('plan')).stdout).toContain('No changes. 1 unchanged.');
});

describe('connsync version', () => {
  test('prints the same as --version', async () => {
    await using rig = await Rig.start();
    expect(await rig.run('version')).toEqual(await rig.run('--version'));
  });

  test.each(['json', 'ndjson'])('prints one JSON object with --format %s', async (format) => {
    await using rig = await Rig.start();
    const { stdout } = await rig.run('--version');
    const ended = await rig.run(`version --format ${format}`);
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ended.stdout).toBe(`{"formatVersion":"1.0","version":"${stdout.trim()}"}\n`);
  });
});
