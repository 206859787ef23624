import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import type { ActionEnded } from './rig/runner/run-action.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

const A = { 'connections/a.yaml': manifest('users/a') };
const B = { 'connections/b.yaml': manifest('users/b') };

/** Runs the first job, which passes its plan to the second one as a file and a checksum. */
async function planned(stage: Stage): Promise<{ readonly file: string; readonly checksum: string }> {
  using ended = await stage.run({ command: 'plan', live: 'required', comment: 'never' });
  expect(ended, ended.stdout).toMatchObject({ exitCode: 0 });
  const file = join(stage.folder, 'approved-plan.json');
  copyFileSync(ended.outputs['plan-path'] ?? '', file);
  return { file, checksum: ended.outputs['checksum'] ?? '' };
}

function expectRefused(stage: Stage, ended: ActionEnded): void {
  expect(ended.exitCode).toBe(1);
  expect(ended.outputs).toMatchObject({ refused: 'true', 'exit-code': '7', applied: '0', 'commit-status': 'skipped' });
  expect(ended.summary).toContain('stale-plan');
  expect(stage.writes()).toEqual([]);
}

describe('an apply of an approved plan', SIDE_BY_SIDE, () => {
  test('does exactly what the plan says, given its file or its checksum', async () => {
    await using stage = await Stage.start({ files: A });
    const first = await planned(stage);
    using byPlan = await stage.run({ command: 'apply', 'plan-path': first.file });
    expect(byPlan, byPlan.stdout).toMatchObject({ exitCode: 0 });
    await stage.merge(B);
    const second = await planned(stage);
    using bySum = await stage.run({ command: 'apply', checksum: second.checksum });
    expect(bySum, bySum.stdout).toMatchObject({ exitCode: 0 });
    expect(await stage.recorded()).toEqual(['users/a', 'users/b']);
  });

  test('is refused if more is needed than was reviewed', async () => {
    await using stage = await Stage.start({ files: A });
    const { file, checksum } = await planned(stage);
    await stage.merge(B);
    stage.datadog.resetLog();
    using byPlan = await stage.run({ command: 'apply', 'plan-path': file });
    expectRefused(stage, byPlan);
    expect(byPlan.summary).toContain('users/b');
    using bySum = await stage.run({ command: 'apply', checksum });
    expectRefused(stage, bySum);
  });

  test('continues with the plan file if less is needed, but not with the checksum', async () => {
    await using stage = await Stage.start({ files: { ...A, ...B } });
    const { file, checksum } = await planned(stage);
    await stage.merge({ 'connections/b.yaml': null });
    using bySum = await stage.run({ command: 'apply', checksum });
    expectRefused(stage, bySum);
    using byPlan = await stage.run({ command: 'apply', 'plan-path': file });
    expect(byPlan, byPlan.stdout).toMatchObject({ exitCode: 0 });
    expect(await stage.recorded()).toEqual(['users/a']);
  });

  test('accepts only one of the two, and only a file that contains a plan', async () => {
    await using stage = await Stage.start({ files: A });
    const { file, checksum } = await planned(stage);
    stage.datadog.resetLog();
    for (const inputs of [{ 'plan-path': file, checksum }, { 'plan-path': join(stage.folder, 'none.json') }]) {
      using ended = await stage.run({ command: 'apply', ...inputs });
      expect(ended.outputs).toMatchObject({ 'exit-code': '3' });
    }
    expect(stage.writes()).toEqual([]);
  });
});
