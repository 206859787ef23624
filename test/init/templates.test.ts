import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { TEMPLATE_NAMES, templateText, type TemplateName } from '../../src/init/templates.ts';
import { ACTION, allowed, jobs, steps, template, type Step, type Workflow } from './workflow.ts';

const ROOT = join(import.meta.dirname, '../..');
const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
  readonly inputs: Readonly<Record<string, object>>;
  readonly outputs: Readonly<Record<string, object>>;
};
const CHECKOUT = /^actions\/checkout@/;

function ours(workflow: Workflow): readonly Step[] {
  return steps(workflow).filter(({ uses }) => uses?.startsWith(`${ACTION.repository}@`));
}

function commands(name: TemplateName): readonly unknown[] {
  return ours(template(name)).map((step) => step.with?.['command']);
}

test('there are a plan, an apply, an apply that waits for approval, and a drift', () => {
  expect(TEMPLATE_NAMES.map((name) => [name, ...commands(name)])).toEqual([
    ['connsync-apply-approved.yml', 'plan', 'apply'],
    ['connsync-apply.yml', 'apply'],
    ['connsync-drift.yml', 'drift'],
    ['connsync-plan.yml', 'plan'],
  ]);
});

describe.each(TEMPLATE_NAMES)('%s', (name) => {
  const workflow = template(name);

  test('uses only inputs and outputs that action.yml has', () => {
    const inputs = ours(workflow).flatMap((step) => Object.keys(step.with ?? {}));
    expect(Object.keys(action.inputs)).toEqual(expect.arrayContaining(inputs));
    const ids = ours(workflow).flatMap(({ id }) => id ?? []);
    const read = [...JSON.stringify(workflow).matchAll(/steps\.([\w-]+)\.outputs\.([\w-]+)/g)];
    for (const [, id, output] of read) {
      expect(ids).toContain(id);
      expect(Object.keys(action.outputs)).toContain(output);
    }
  });

  test('passes no GitHub token on, and leaves none in the checkout', () => {
    const checkouts = steps(workflow).filter(({ uses }) => CHECKOUT.test(uses ?? ''));
    expect(checkouts).toHaveLength(jobs(workflow).length);
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false });
    expect(JSON.stringify(workflow)).not.toMatch(/GITHUB_TOKEN|github\.token/);
  });

  test('runs no text of an event in a shell', () => {
    for (const { run = '' } of steps(workflow)) expect(run).not.toContain('${{');
  });

  test('pins each action to a commit, with its release as a comment', () => {
    const uses = templateText(name, { action: ACTION }).match(/uses: .*/g) ?? [];
    expect(uses.length).toBeGreaterThan(1);
    for (const line of uses) expect(line).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  test('has a timeout', () => {
    for (const [job, { 'timeout-minutes': minutes }] of jobs(workflow)) expect(minutes, job).toBeLessThanOrEqual(60);
  });
});

describe('rights', () => {
  test.each<readonly [TemplateName, Readonly<Record<string, unknown>>]>([
    ['connsync-plan.yml', { plan: { contents: 'read', 'pull-requests': 'write' } }],
    ['connsync-apply.yml', { apply: { contents: 'write', 'pull-requests': 'write' } }],
    ['connsync-drift.yml', { drift: { contents: 'read', issues: 'write' } }],
    [
      'connsync-apply-approved.yml',
      { plan: { contents: 'read' }, apply: { contents: 'write', 'pull-requests': 'write' } },
    ],
  ])('%s has exactly %o, job by job', (name, rights) => {
    expect(template(name).permissions).toEqual({});
    expect(Object.fromEntries(jobs(template(name)).map(([job, { permissions }]) => [job, permissions]))).toEqual(
      rights,
    );
  });

  test('only an apply gets keys that can write', () => {
    for (const name of TEMPLATE_NAMES)
      for (const { with: given } of ours(template(name))) {
        const kind = given?.['command'] === 'apply' ? 'WRITE' : 'READ';
        expect(given).toMatchObject({
          'api-key': `\${{ secrets.DD_${kind}_API_KEY }}`,
          'app-key': `\${{ secrets.DD_${kind}_APP_KEY }}`,
        });
      }
  });
});

describe('the plan of a pull request', () => {
  const workflow = template('connsync-plan.yml');

  test('can be a required check: it starts for every pull request and in a merge queue, under a unique name', () => {
    expect(workflow.on).toEqual({ pull_request: null, merge_group: null });
    expect(workflow.jobs['plan']).toMatchObject({ name: 'connsync plan' });
    expect(workflow.jobs['plan']).not.toHaveProperty('if');
  });

  test('is cancelled by a newer commit of the same pull request only', () => {
    expect(workflow.concurrency).toEqual({
      group: 'connsync-plan-${{ github.ref }}',
      'cancel-in-progress': true,
    });
  });

  test('decides by itself whether it can be live', () => {
    expect(ours(workflow)[0]?.with).not.toHaveProperty('live');
  });
});

describe.each(['connsync-apply.yml', 'connsync-apply-approved.yml'] as const)('the apply of %s', (name) => {
  const workflow = template(name);
  const isApply = ({ with: given }: Step): boolean => given?.['command'] === 'apply';
  const job = jobs(workflow).find(([, { steps }]) => steps.some(isApply))?.[1];

  test('starts when manifests or settings were merged, not when the lockfile was recorded', () => {
    expect(workflow.on).toEqual({
      push: { branches: ['main'], paths: ['connections/**', 'connsync.yaml'] },
      workflow_dispatch: null,
    });
  });

  test('is never cancelled, and never runs twice at once', () => {
    const group = workflow.concurrency ?? job?.concurrency;
    expect(group).toEqual({ group: 'connsync-apply', 'cancel-in-progress': false });
  });

  test('runs from the tip of the default branch only', () => {
    for (const { uses = '', with: given } of steps(workflow))
      if (CHECKOUT.test(uses)) expect(given).toMatchObject({ ref: '${{ github.ref_name }}' });
    const [, first] = jobs(workflow)[0] ?? [];
    expect(first?.if).toBe("github.ref == format('refs/heads/{0}', github.event.repository.default_branch)");
  });

  test('uploads a lockfile that could not be recorded, even if the run is cancelled', () => {
    expect(job?.steps.at(-1)).toMatchObject({
      if: "always() && steps.apply.outputs.commit-status == 'failed'",
      with: { path: '${{ runner.temp }}/**/*.lock' },
    });
  });
});

describe('an apply that waits for approval', () => {
  const { concurrency, jobs } = template('connsync-apply-approved.yml');
  const [plan, apply] = [jobs['plan'], jobs['apply']];

  test('does not block later plans while it waits', () => {
    expect(concurrency).toBeUndefined();
    expect(plan?.concurrency).not.toEqual(apply?.concurrency);
    expect(plan).not.toHaveProperty('environment');
  });

  test('is requested only if there are changes that no guard refuses', () => {
    expect(apply).toMatchObject({ needs: 'plan', if: "needs.plan.outputs.changes == 'true'" });
    expect(plan?.steps.find(({ run }) => run?.includes('exit 1'))?.if).toBe("steps.plan.outputs.refused == 'true'");
  });

  test('gets its keys from the protected environment, and applies the plan file', () => {
    expect(apply?.environment).toBe('production');
    const uploaded = plan?.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'))?.with;
    const downloaded = apply?.steps.find(({ uses }) => uses?.startsWith('actions/download-artifact@'))?.with;
    expect(downloaded?.['name']).toBe(uploaded?.['name']);
    const file = String(uploaded?.['path']).split('/').at(-1);
    expect(plan?.steps.some(({ run }) => run?.includes(`"$RUNNER_TEMP/${file}"`))).toBe(true);
    expect(apply?.steps.find(({ id }) => id === 'apply')?.with).toMatchObject({
      'plan-path': `${String(downloaded?.['path'])}/${file}`,
    });
  });
});

test('the drift check maintains one issue, and runs only on the default branch', () => {
  const { on, jobs } = template('connsync-drift.yml');
  expect(on).toEqual({ schedule: [{ cron: expect.stringMatching(/^[1-9]\d? /) }], workflow_dispatch: null });
  expect(jobs['drift']?.if).toContain("github.event_name == 'schedule' || github.ref == format('refs/heads/{0}'");
  expect(jobs['drift']?.steps.at(-1)?.with).toMatchObject({ 'drift-issue': true });
});

test("no template starts on an event that could give rights to a fork's code", () => {
  for (const name of TEMPLATE_NAMES) {
    expect(Object.keys(template(name).on)).not.toContain('pull_request_target');
    expect(Object.keys(template(name).on)).not.toContain('workflow_run');
  }
});

describe('a filled-in template', () => {
  test('uses the given action everywhere, and its placeholder nowhere', () => {
    for (const name of TEMPLATE_NAMES) {
      const text = templateText(name, { action: ACTION });
      expect(text).toContain(`uses: acme/connsync@${ACTION.commit} # v1.2.3\n`);
      expect(text).not.toContain('0'.repeat(40));
      expect(text).not.toContain('connsync/connsync');
    }
  });

  test('contains only what is in the template folder', () => {
    const folder = join(ROOT, 'src/init/templates');
    const standIn = { repository: 'connsync/connsync', commit: '0'.repeat(40), version: 'v0.1.0' };
    for (const name of TEMPLATE_NAMES)
      expect(templateText(name, { action: standIn })).toBe(readFileSync(join(folder, name), 'utf8'));
  });

  test('uses the default branch, whatever its name', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9'$&`"#,{}!+\]/._-]{1,30}$/), (branch) => {
        const text = templateText('connsync-apply.yml', { action: ACTION, branch });
        const { on } = parse(text) as Workflow;
        expect(allowed((on['push'] as { readonly branches: readonly string[] }).branches)).toEqual([branch]);
      }),
    );
  });
});
