import { describe, expect, test } from 'vitest';
import { problem } from '../../src/core/diagnostic.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import { githubReporter } from '../../src/reporters/github.ts';
import { workflowCommand } from '../../src/reporters/workflow-command.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { creation, ended, loaded, planned, started, problemEvent, written } from './samples.ts';

async function lines(events: readonly SyncEvent[]): Promise<readonly string[]> {
  const { out, err } = await written(githubReporter, events);
  expect(err).toBe('');
  return out.trimEnd().split('\n');
}

describe('a workflow command', () => {
  const base = { level: 'error', title: 'bad-value', message: 'm' } as const;
  const at = { file: 'connections/a.yaml', line: 3 };

  test.each([
    [
      'a whole range on one line',
      { ...at, column: 5, endLine: 3, endColumn: 9 },
      'file=connections/a.yaml,line=3,col=5,endColumn=9,',
    ],
    [
      'a range over lines has no columns',
      { ...at, column: 5, endLine: 4, endColumn: 2 },
      'file=connections/a.yaml,line=3,endLine=4,',
    ],
    ['a column without an end is left out', { ...at, column: 5 }, 'file=connections/a.yaml,line=3,'],
    ['a line alone', at, 'file=connections/a.yaml,line=3,'],
    ['a file alone', { file: 'connections.lock' }, 'file=connections.lock,'],
    ['no position', {}, ''],
  ])('%s', (_, place, properties) => {
    expect(workflowCommand({ ...base, ...place })).toBe(`::error ${properties}title=bad-value::m`);
  });

  test('escapes data and properties the way the runner reads them', () => {
    const text = '50%, a:b\nc%0A::error::x';
    expect(workflowCommand({ ...base, message: text, file: '50%,a:b', line: 1 })).toBe(
      '::error file=50%25%2Ca%3Ab,line=1,title=bad-value::50%25, a:b%0Ac%250A::error::x',
    );
    expect(workflowCommand({ ...base, message: 'a\rb\u001B[2J', file: 'x\ny' })).toBe(
      '::error file=x\\ny,title=bad-value::a\\u{d}b\\u{1b}[2J',
    );
  });

  test('truncates a gigantic message', () => {
    expect(workflowCommand({ ...base, message: 'x'.repeat(5_000_000) }).length).toBeLessThan(5_000);
  });
});

describe('annotations', () => {
  test('is printed for the errors and warnings of a plan with their positions, then for its summary', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a b'));
    const { stdout, stderr } = await rig.run('plan --format github');
    expect(stdout.split('\n')).toEqual([
      '::warning file=connections/a.yaml,line=2,col=5,endColumn=8,title=unusual-id::id "a b" contains characters other than A-Z a-z 0-9 . _ -%0A→ rename it before the first apply, because other tools may not support it',
      'Plan: 1 to add, 0 to change, 0 to destroy.',
      '',
    ]);
    expect(stderr).toBe('');
    rig.write('connections/b.yaml', `${manifest('users/b')}oops: 1\n`);
    expect((await rig.run('plan --format github')).stdout).toMatch(
      /^::error file=connections\/b.yaml,line=10,col=1,endColumn=5,title=unknown-property::"oops" is not allowed here.*\n::warning .*\n::warning .*\nNothing was planned: 1 error\.\n$/,
    );
  });

  test('is a warning for a refusal in a plan and an error in an apply, at the manifest if there is only one', async () => {
    const refusals = [
      { code: 'replace', message: 'users/a would be replaced', hint: 'allow it', keys: ['users/a'] },
      { code: 'delete-limit', message: 'too many', hint: 'look', keys: ['users/a', 'users/b'] },
    ] as const;
    const actions = [creation('users/a'), creation('users/b')];
    expect(await lines([started('plan'), ...planned(actions, refusals), ended()])).toEqual([
      '::warning file=connections/users/a.yaml,line=2,title=replace::users/a would be replaced%0A→ allow it',
      '::warning title=delete-limit::too many%0A→ look',
      'Plan: 2 to add, 0 to change, 0 to destroy.',
    ]);
    const apply = await lines([
      started('apply'),
      ...planned(actions, refusals),
      ended(7, { applied: 0, failed: 0, skipped: 0 }),
    ]);
    expect(apply.map((line) => line.split(' ')[0])).toEqual(['::error', '::error', 'Plan:']);
  });

  test('for a failed apply points at the manifest, quotes Datadog, and comes first', async () => {
    await using rig = await Rig.start();
    for (const id of ['a', 'b']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`field_${id}`]));
    rig.datadog.answerNext({
      method: 'POST',
      status: 400,
      body: { errors: [{ title: 'Bad Request', detail: '100% wrong\n::warning::x' }] },
      headers: { 'x-request-id': 'req-42' },
      where: ({ body }) => JSON.stringify(body).includes('"b"'),
    });
    expect((await rig.live('apply --format github')).stdout.split('\n')).toEqual([
      expect.stringMatching(
        /^::error file=connections\/b\.yaml,line=1,title=failed::users\/b: create failed: 400 Bad Request: 100%25 wrong.*%0APOST \/api\/v2\/product-analytics\/users\/mapping\/connection request-id req-42$/,
      ),
      'Apply incomplete. Resources: 1 added, 0 changed, 0 destroyed. 1 failed. 0 not attempted.',
      'Plan: 2 to add, 0 to change, 0 to destroy.',
      '',
    ]);
  });

  test('is printed at most ten times, errors first, and the rest are counted', async () => {
    const warnings = Array.from({ length: 9 }, () => problemEvent(problem('unusual-id', 'w')));
    const errors = Array.from({ length: 4 }, () => problemEvent(problem('bad-value', 'e')));
    const text = await lines([started('validate'), loaded(3), ...warnings, ...errors, ended(3)]);
    expect(text.map((line) => line.split(' ')[0])).toEqual([
      ...Array<string>(4).fill('::error'),
      ...Array<string>(6).fill('::warning'),
      '::notice',
      '0',
    ]);
    expect(text.at(-2)).toBe('::notice title=connsync::3 more in the summary');
    const ten = await lines([started('validate'), ...warnings, ...errors.slice(3), ended(3)]);
    expect(ten.filter((line) => line.startsWith('::notice'))).toEqual([]);
    expect(ten).toHaveLength(11);
  });

  test('of drift is a warning for changed or deleted connections, and nothing for unmanaged ones', async () => {
    const changes = [
      { leaf: 'field-member' as const, id: 'arr', name: 'description' as const, from: 'a', to: 'b', cause: 'drift' },
    ];
    const compared = (connection: object): SyncEvent => ({ type: 'drift', connection }) as SyncEvent;
    const summary = { 'in-sync': 1, changed: 1, missing: 1, unmanaged: 1 };
    const at = { file: 'connections/arr.yaml', line: 4 };
    expect(
      await lines([
        started('drift'),
        compared({ key: 'users/same', state: 'in-sync', changes: [], sides: {} }),
        compared({ key: 'users/arr', state: 'changed', changes, updatedBy: 'ana', sides: {}, ...at }),
        compared({ key: 'users/gone', state: 'missing', changes: [], sides: {} }),
        compared({ key: 'users/new', state: 'unmanaged', changes: [], sides: {} }),
        { type: 'drift-summary', target: { environment: 'default', site: 'datadoghq.eu' }, summary, ms: 1 },
        ended(),
      ]),
    ).toEqual([
      '::warning file=connections/arr.yaml,line=4,title=drift::users/arr was edited in Datadog by ana: fields[arr].description',
      '::warning title=drift::users/gone was deleted outside Git',
      '1 drifted, 1 missing, 1 unmanaged, 1 in sync.',
    ]);
  });
});
