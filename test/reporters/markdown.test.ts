import { describe, expect, test } from 'vitest';
import { problem } from '../../src/core/diagnostic.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import { markdownReporter } from '../../src/reporters/markdown/markdown.ts';
import { field, spec } from '../core/samples.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { creation, deletion, ended, loaded, planned, relabelling, started, problemEvent, written } from './samples.ts';

async function markdown(events: readonly SyncEvent[], maxChars = 60_000): Promise<string> {
  const { out, err } = await written((sinks) => markdownReporter(sinks, { maxChars }), events);
  expect(err).toBe('');
  return out;
}

const REFUSAL = { code: 'replace', message: 'users/a would be replaced', hint: 'allow it', keys: ['users/a'] } as const;

describe('the plan in markdown', () => {
  test('starts with the summary sentence of the human plan, word for word', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await rig.live('apply');
    rig.write('connections/b.yaml', manifest('users/b', ['other']));
    const human = (await rig.live('plan')).stdout.trimEnd().split('\n').at(-1) ?? '';
    const { stdout, exitCode } = await rig.live('plan --format markdown --detailed-exitcode');
    expect(exitCode).toBe(2);
    expect(human).toBe('Plan: 1 to add, 0 to change, 0 to destroy. 1 unchanged.');
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      '### connsync plan',
      '',
      human,
      '',
      '<code>datadoghq.com</code> · lockfile + live Datadog · 2 manifests',
    ]);
    expect(stdout).toContain(
      '| <code>+</code> | <code>users/b</code> | create: 1 field | <code>connections/b.yaml:1</code> |',
    );
  });

  test('says if it is offline, and if there is nothing to do', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    await rig.live('apply');
    const { stdout } = await rig.run('plan --format markdown');
    expect(stdout).toContain('\nNo changes. 1 unchanged.\n');
    expect(stdout).toContain('offline, lockfile only');
    expect(stdout).not.toContain('| ');
    expect(stdout).not.toContain('checksum');
  });

  test('shows refusals above its rows, and one row per action', async () => {
    const actions = [creation('users/a'), relabelling('users/b', 'Plan', 'Tier'), deletion('users/c')];
    const text = await markdown([started('plan'), loaded(3), ...planned(actions, [REFUSAL]), ended()]);
    expect(text.indexOf('**An apply would be refused**')).toBeLessThan(text.indexOf('| | Connection'));
    expect(text).toContain('- **replace** users/a would be replaced<br>→ allow it\n');
    expect(text.match(/^\| <code>.*$/gm)).toEqual([
      '| <code>+</code> | <code>users/a</code> | create: 1 field | <code>connections/users/a.yaml:2</code> |',
      '| <code>&#126;</code> | <code>users/b</code> | update in place: <code>fields&#91;plan].display_name "Plan" → "Tier"</code> | <code>connections/users/b.yaml:1</code> |',
      '| <code>-</code> | <code>users/c</code> | delete: its manifest was removed |  |',
    ]);
    expect(text).toContain(`checksum <code>sha256:${'c'.repeat(64)}</code>`);
  });

  test('folds the details: fields, owners, costs, order and drift', async () => {
    const replace = {
      ...deletion('users/r', { owner: 'team-growth', runsAfter: ['users/a'], attributes: ['@plan'] }),
      kind: 'replace' as const,
      to: spec(),
      from: spec(),
      reasons: ['join_type'],
      takeover: true as const,
      drifted: true,
      changes: [
        { leaf: 'member' as const, name: 'join_type' as const, from: 'email', to: 'user_id', cause: 'drift' as const },
      ],
    };
    const again = {
      ...relabelling('users/u', 'a', 'b'),
      kind: 'update' as const,
      from: spec(),
      to: spec(),
      steps: [{ remove: ['plan'] }, { add: [field('plan')] }],
      changes: [
        { leaf: 'field' as const, id: 'plan', from: field('plan'), cause: 'git' as const },
        { leaf: 'field' as const, id: 'tier', to: field('tier'), cause: 'git' as const },
      ],
    };
    const actions = [creation('users/a', spec({ metadata: { source: 'crm' } })), replace, again];
    const text = await markdown([started('plan'), ...planned(actions), ended()]);
    const details = /<details><summary>Details<\/summary>\n([^]*)\n<\/details>/.exec(text)?.[1];
    expect(text).toContain('replace, takeover: <code>join_type "email" → "user_id"</code> *(drift)*');
    expect(details?.split('\n')).toEqual([
      '',
      '<code>+</code> <code>users/a</code> create',
      '',
      '- type <code>ref_table</code>, join <code>user_email</code> by <code>email</code>',
      '- field <code>plan</code> <code>string</code> from <code>plan_column</code>',
      '- metadata <code>source</code> <code>crm</code>',
      '',
      '<code>-/+</code> <code>users/r</code> replace, takeover, owner <code>team-growth</code>',
      '',
      '- Datadog cannot edit join_type: the connection is deleted and created again, and its 1 field is unavailable to audiences in the meantime.',
      '- temporarily removes: <code>&#64;plan</code>',
      '- after <code>users/a</code>, which frees a field id',
      '- <code>join_type</code> <code>"email"</code> → <code>"user_id"</code> *(drift: changed in Datadog)*',
      '',
      '<code>&#126;</code> <code>users/u</code> update in place',
      '',
      '- removed and added again in two requests; unavailable in between: <code>plan</code>',
      '- <code>fields&#91;plan]</code> removed',
      '- <code>fields&#91;tier]</code> added, <code>string</code> from <code>tier_column</code>',
      '',
    ]);
  });

  test('shows the differing part of two long texts with a common beginning', async () => {
    const same = 'x'.repeat(5_000);
    const text = await markdown([
      started('plan'),
      ...planned([relabelling('users/a', `${same} old`, `${same} new`)]),
      ended(),
    ]);
    expect(text).toMatch(/<code>…x{39} old"<\/code> → <code>…x{39} new"<\/code>/);
  });

  test('lists errors with their positions and folds warnings', async () => {
    const place = { file: 'connections/a.yaml', line: 3, column: 7, hint: 'did you mean "id"?' };
    const text = await markdown([
      started('plan'),
      loaded(1),
      problemEvent(problem('unknown-property', '"ids" is not allowed here', place)),
      problemEvent(problem('credentials-rejected', 'Datadog returned 403\nto GET')),
      problemEvent(problem('unusual-id', 'odd')),
      ended(3),
    ]);
    expect(text).toContain('\nNothing was planned: 2 errors.\n');
    expect(text).toContain(
      '\n**2 errors**\n\n- **unknown-property** <code>connections/a.yaml:3:7</code> "ids" is not allowed here<br>→ did you mean "id"?\n- **credentials-rejected** Datadog returned 403<br>to GET\n',
    );
    expect(text).toContain('<details><summary>1 warning</summary>\n\n- **unusual-id** odd\n\n</details>\n');
  });
});

describe('oversized content', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => creation(`users/c${index}`));

  test.each([60_000, 2_000_000, 5_000, 1_000])(
    'with 10,000 actions fits in %d characters, with complete rows and all totals',
    async (most) => {
      const text = await markdown([started('plan'), loaded(10_000), ...planned(many, [REFUSAL]), ended()], most);
      expect(text.length).toBeLessThanOrEqual(most);
      expect(text).toContain('Plan: 10000 to add, 0 to change, 0 to destroy.');
      expect(text).toContain('users/a would be replaced');
      const rows = text.match(/^\|.*$/gm)?.slice(2) ?? [];
      expect(
        rows.every((row) => /^\| <code>\+<\/code> \| <code>users\/c\d+<\/code> \| create: 1 field \| .* \|$/.test(row)),
      ).toBe(true);
      expect(rows.length).toBeGreaterThan(Math.min(9_999, most / 250));
      if (rows.length < 10_000) expect(text).toContain(`\n\n… and ${10_000 - rows.length} more actions\n`);
    },
  );

  test('still includes the totals if nothing else fits', async () => {
    const text = await markdown([started('plan'), ...planned(many), ended()], 10);
    expect(text).toMatch(/^### connsync plan\n\nPlan: 10000 to add/);
    expect(text.length).toBeLessThan(400);
  });

  test('with a gigantic value takes as much room as with a short one', async () => {
    const huge = '\u202E@<|`'.repeat(200_000);
    const wide = spec({
      fields: Array.from({ length: 3_000 }, (_, index) => field(`f${index}`, { description: huge })),
    });
    const actions = [relabelling('users/a', huge, `${huge}!`), creation(`users/${huge}`, wide), creation('users/z')];
    const errors = [problemEvent(problem('bad-value', huge, { hint: huge, file: huge, line: 1 }))];
    const text = await markdown([
      started('plan'),
      ...errors,
      ...planned(actions, [{ ...REFUSAL, message: huge }]),
      ended(),
    ]);
    expect(text.length).toBeLessThan(60_000);
    expect(text.match(/^\| <code>/gm)).toHaveLength(3);
    expect(text).toContain('<code>+</code> <code>users/z</code> create\n\n- type');
    expect(text).toMatch(/\n- … and 2\d\d\d more\n/);
  });

  test('with thousands of problems leaves room for the number of omitted ones', async () => {
    const warnings = Array.from({ length: 5_000 }, () => problemEvent(problem('unusual-id', 'w'.repeat(300))));
    const errors = Array.from({ length: 5_000 }, () => problemEvent(problem('bad-value', 'e'.repeat(300))));
    const text = await markdown([started('validate'), ...warnings, ...errors, ended(3)]);
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toMatch(/… and 4\d\d\d more errors\n\n… and 5000 more warnings\n$/);
  });
});

describe('the apply in markdown', () => {
  test('lists every outcome, failures first and with Datadog’s message', async () => {
    await using rig = await Rig.start();
    for (const id of ['a', 'b', 'c']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`field_${id}`]));
    rig.datadog.answerNext({
      method: 'POST',
      status: 400,
      body: { errors: [{ title: 'Bad Request', detail: 'used by <b>@whales</b>' }] },
      headers: { 'x-request-id': 'req-42' },
      where: ({ body }) => JSON.stringify(body).includes('"b"'),
    });
    const { stdout, exitCode } = await rig.live('apply --format markdown');
    expect(exitCode).toBe(4);
    expect(stdout.split('\n')[2]).toBe(
      'Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed. 1 failed. 0 not attempted.',
    );
    expect(stdout).toContain('Completed changes are recorded in <code>connections.lock</code>');
    expect(stdout).toContain(
      '- <code>users/b</code> <code>connections/b.yaml:1</code> 400 Bad Request: used by &lt;b&gt;&#64;&#8203;whales&lt;/b&gt;<br><code>POST /api/v2/product-analytics/users/mapping/connection  request-id req-42</code>\n',
    );
    const rows = stdout.match(/^\| <code>.*$/gm) ?? [];
    expect(rows[0]).toContain('✗ failed: 400 Bad Request: used by');
    expect(rows.slice(1).every((row) => / \| ✓ created in \d\.\d s \| /.test(row))).toBe(true);
    expect(rows).toHaveLength(3);
  });

  test('that a guard refuses shows the plan and says that no request was sent', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.seed('users', { id: 'a', type: 'ref_table', join_attribute: 'other', join_type: 'email' });
    const { stdout, exitCode } = await rig.live('apply --format markdown --yes');
    expect(exitCode).toBe(7);
    expect(stdout).toContain('**Refused, nothing was sent**');
    expect(stdout).toContain('| <code>-/+</code> | <code>users/a</code> | replace, takeover: ');
    expect(stdout).not.toContain('Apply complete');
  });
});

describe('other commands in markdown', () => {
  test('include validate, which prints the same facts as human output', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.write('connections/b.yaml', manifest('users/b', ['x']).replace('join_type', 'join_tipe'));
    const bad = await rig.run('validate --format markdown');
    expect(bad.exitCode).toBe(3);
    expect(bad.stdout).toContain('\n1 of 2 manifests invalid, 1 error.\n');
    expect(bad.stdout).toContain('<code>connections/b.yaml:5:1</code> "join_tipe" is not allowed here');
    rig.remove('connections/b.yaml');
    expect((await rig.run('validate --format markdown')).stdout).toContain('\n1 manifest valid, 1 connection.\n');
  });

  test('include drift, which shows the values on each side, the cause and the next step', async () => {
    const sides = { git: '77c0', lock: '77c0', live: 'e0d2' };
    const changes = [
      {
        leaf: 'field-member' as const,
        id: 'arr',
        name: 'description' as const,
        from: 'Revenue',
        to: 'ARR',
        cause: 'drift' as const,
      },
    ];
    const compared = (connection: object): SyncEvent => ({ type: 'drift', connection }) as SyncEvent;
    const text = await markdown([
      started('drift'),
      loaded(3),
      compared({ key: 'users/same', state: 'in-sync', changes: [], sides }),
      compared({ key: 'users/new', state: 'unmanaged', changes: [], sides: { live: '41aa' } }),
      compared({
        key: 'users/gone',
        state: 'missing',
        changes: [],
        sides: { git: '15b8', lock: '15b8' },
        file: 'g.yaml',
        line: 4,
      }),
      compared({
        key: 'users/arr',
        state: 'changed',
        changes,
        sides,
        updatedBy: 'ana@acme.example',
        updatedAt: '2026-11-20T14:02:00Z',
      }),
      {
        type: 'drift-summary',
        target: { environment: 'prod', site: 'datadoghq.eu' },
        summary: { 'in-sync': 1, changed: 1, missing: 1, unmanaged: 1 },
        ms: 1,
      },
      ended(),
    ]);
    expect(text.split('\n').slice(2, 9)).toEqual([
      '1 drifted, 1 missing, 1 unmanaged, 1 in sync.',
      '',
      '<code>prod</code> · <code>datadoghq.eu</code> · lockfile + live Datadog · 3 manifests',
      '',
      "- <code>connsync apply</code> restores Git's version",
      "- <code>connsync accept users/arr</code> copies Datadog's version into the manifest",
      '- <code>connsync import users/new</code> writes a manifest for it',
    ]);
    expect(text.match(/^\| .* <code>.*$/gm)).toEqual([
      '| ! | <code>users/arr</code> | 77c0 | 77c0 | e0d2 | edited in Datadog by <code>ana&#64;acme.example</code>, 2026-11-20T14:02:00Z |  |',
      '| ✗ | <code>users/gone</code> | 15b8 | 15b8 | gone | deleted outside Git | <code>g.yaml:4</code> |',
      '| ? | <code>users/new</code> | - | - | 41aa | unmanaged |  |',
    ]);
    expect(text).toContain('- <code>fields&#91;arr].description</code> <code>"Revenue"</code> → <code>"ARR"</code>\n');
  });
});
