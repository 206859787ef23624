import { describe, expect, test } from 'vitest';
import { manifest } from '../rig/rig.ts';
import { schedule } from './rig/runner/events.ts';
import type { ActionEnded } from './rig/runner/run-action.ts';
import { SIDE_BY_SIDE, Stage } from './stage.ts';

const FILES = { 'connections/a.yaml': manifest('users/a'), 'connections/b.yaml': manifest('users/b', ['other']) };
const MARKER = '<!-- connsync: drift default -->';

async function drift(stage: Stage, inputs: Readonly<Record<string, string>> = {}): Promise<ActionEnded> {
  return stage.run({ command: 'drift', ...inputs }, { event: schedule(await stage.tip()) });
}

/** Simulates a person who points a field at another column. */
function edit(stage: Stage, column: string): void {
  stage.datadog.edit('users', 'a', ({ fields, ...connection }) => ({
    ...connection,
    fields: fields.map((field) => ({ ...field, source_name: column })),
  }));
}

describe('drift', SIDE_BY_SIDE, () => {
  test('opens one issue, updates it in place, and closes it when the drift is gone', async () => {
    await using stage = await Stage.start({ files: FILES });
    const { issues } = stage.github.api;
    using applied = await stage.run({ command: 'apply' });
    const wants = { 'drift-issue': 'true' };
    // Add another environment's marker and more open issues than a page lists.
    const theirs = issues.open('Not ours', { body: `${MARKER}\nmine` });
    for (let index = 0; index < 120; index += 1) issues.open(`Issue ${index}`);
    const opened = (): readonly number[] =>
      [...issues.issues.values()].filter(({ title }) => title.startsWith('connsync:')).map(({ number }) => number);

    using none = await drift(stage, wants);
    expect([applied.exitCode, none.exitCode]).toEqual([0, 0]);
    expect(none.outputs).toMatchObject({ changes: 'false', drifted: '0', 'commit-status': 'skipped' });
    expect(opened()).toEqual([]);

    edit(stage, 'by_hand');
    using first = await drift(stage, wants);
    expect(first, first.stdout).toMatchObject({ exitCode: 0 });
    expect(first.outputs).toMatchObject({ changes: 'true', drifted: '1', 'exit-code': '0' });
    expect(first.summary).toContain('edited in Datadog by');
    const [number = 0, ...more] = opened();
    expect(more).toEqual([]);
    // This creation order puts it behind the others.
    for (let index = 0; index < 120; index += 1) issues.open(`Later ${index}`);

    edit(stage, 'by_hand_again');
    stage.datadog.drop('users', 'b');
    using second = await drift(stage, { ...wants, 'fail-on-changes': 'true' });
    expect(second.exitCode).toBe(1);
    expect(second.outputs).toMatchObject({ drifted: '2', 'exit-code': '0' });
    expect(opened()).toEqual([number]);
    const issue = issues.issues.get(number);
    expect(issue).toMatchObject({ state: 'open', author: { login: 'github-actions[bot]' } });
    expect(issue?.body?.startsWith(`${MARKER}\n### connsync drift\n`)).toBe(true);
    expect(issue?.body).toContain('by_hand_again');
    expect(issue?.body).toContain('deleted outside Git');
    expect(issue?.body).toContain('/actions/runs/');

    using put = await stage.run({ command: 'apply' });
    using last = await drift(stage, wants);
    expect([put.exitCode, last.exitCode]).toEqual([0, 0]);
    expect(issues.issues.get(number)).toMatchObject({ state: 'closed', stateReason: 'completed' });
    expect(issues.issues.get(theirs.number)).toMatchObject({ state: 'open', body: `${MARKER}\nmine` });
    expect(stage.github.api.complaints).toEqual([]);
  });

  test('opens no issue unless requested, and warns if GitHub refuses it', async () => {
    await using stage = await Stage.start({ files: FILES, permissions: { contents: 'write', issues: 'read' } });
    using applied = await stage.run({ command: 'apply' });
    edit(stage, 'by_hand');
    using quiet = await drift(stage);
    using refused = await drift(stage, { 'drift-issue': 'true' });
    using without = await drift(stage, { 'drift-issue': 'true', 'github-token': '' });
    expect([applied, quiet, refused, without].map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect([...stage.github.api.issues.issues.values()]).toEqual([]);
    const messages = (ended: ActionEnded, level: string): string =>
      ended.commands.flatMap(({ command, message }) => (command === level ? [message] : [])).join();
    expect(messages(quiet, 'warning')).not.toContain('issue');
    expect(messages(refused, 'warning')).toContain('connsync could not write the issue');
    expect(messages(without, 'notice')).toContain('github-token is empty, so connsync writes no issue');
  });
});
