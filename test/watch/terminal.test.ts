import { describe, expect, test } from 'vitest';
import { liveKeys, recordedKeys } from '../machinery/process.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { NO_TERMINAL, Terminal } from './terminal.ts';

const NAMED = (name: string): string => `    display_name: ${name}\n`;
/** Checks that the terminal has line mode, echo and Ctrl-C again. */
const RESTORED = /\n *isig icanon echo/;

const APPLIED = {
  'connections/a.yaml': manifest('users/a', ['a'], NAMED('A')),
  'connections/b.yaml': manifest('users/b', ['b']),
};
const LIMITED = { rateLimit: { limit: 100, periodMs: 60_000 } };

describe.skipIf(NO_TERMINAL !== undefined)(
  `watch on a terminal${NO_TERMINAL === undefined ? '' : ` (${NO_TERMINAL})`}`,
  () => {
    test.each([120, 60])(
      'of %i columns shows what is watched, what is new, and when it polls again',
      async (columns) => {
        await using rig = await Rig.applied(APPLIED, LIMITED);
        using terminal = new Terminal(rig, 'watch', columns);
        await terminal.shows(/2 manifests valid, no changes/);
        rig.write('connections/a.yaml', manifest('users/a', ['a'], NAMED('B')));
        await terminal.shows(/~ users\/a {2}fields\[a\]\.display_name "A" → "B"/);
        // The bottom line is drawn after the text above it.
        const text = await terminal.shows(/"B"\s+. watching 2 files · last plan \d\d:\d\d:\d\d/);
        expect(text).toMatch(/connsync watch {3}plan only {3}datadoghq\.com/);
        expect(text).toContain('q quit   a apply   p plan   r refresh   ? help');
        // Parts that don't fit are omitted as a whole.
        if (columns === 60) expect(text).not.toContain('next');
        if (columns === 120) expect(text).toMatch(/next drift check in [45]m \d+s · rate limit \d+\/100/);
        expect(text.split('\n').every((line) => line.length <= columns)).toBe(true);
      },
    );

    test('ends with 0 on q and restores the terminal', async () => {
      await using rig = await Rig.applied(APPLIED, LIMITED);
      using terminal = new Terminal(rig, 'watch');
      await terminal.shows(/last plan/);
      terminal.press('q');
      const text = await terminal.shows(RESTORED);
      expect(text).toContain('ended 0');
      expect(text).not.toContain('watching 2 files');
    });

    test('ends with 130 on Ctrl-C and restores the terminal', async () => {
      await using rig = await Rig.applied(APPLIED, LIMITED);
      using terminal = new Terminal(rig, 'watch');
      await terminal.shows(/last plan/);
      terminal.press('C-c');
      expect(await terminal.shows(RESTORED)).toContain('ended 130');
    });

    test('ends with 6 if the keys are rejected and restores the terminal', async () => {
      await using rig = await Rig.applied(APPLIED, LIMITED);
      rig.datadog.answerNext({ method: 'GET', status: 403, where: ({ path }) => path.endsWith('/connections') });
      using terminal = new Terminal(rig, 'watch');
      expect(await terminal.shows(RESTORED)).toContain('ended 6');
    });

    test('shows the plan on a, and applies it only after y', async () => {
      await using rig = await Rig.applied(APPLIED, LIMITED);
      using terminal = new Terminal(rig, 'watch');
      await terminal.shows(/no changes/);
      rig.write('connections/c.yaml', manifest('users/c', ['c']));
      await terminal.shows(/\+ users\/c {2}create/);
      terminal.press('a');
      await terminal.shows(/Plan: 1 to add[^]*Apply these changes\? y\/N/);
      terminal.press('n');
      await terminal.shows(/not confirmed, nothing was sent/);
      expect(rig.writes()).toEqual([]);
      terminal.press('a');
      await terminal.shows(/not confirmed[^]*Apply these changes\? y\/N/);
      terminal.press('y');
      await terminal.shows(/users\/c {2}created[^]*3 manifests valid, no changes/);
      expect(recordedKeys(rig.folder)).toEqual(liveKeys(rig));
      expect(liveKeys(rig)).toContain('users/c');
      terminal.press('q');
      await terminal.shows(RESTORED);
    });

    test('polls the live state on r and reports drift with its author, shows the plan on p, and the keys on ?', async () => {
      await using rig = await Rig.applied(APPLIED, LIMITED);
      using terminal = new Terminal(rig, 'watch');
      await terminal.shows(/no changes/);
      rig.datadog.edit('users', 'a', (connection) => ({
        ...connection,
        fields: connection.fields.map((field) => ({ ...field, display_name: 'Clicked' })),
      }));
      terminal.press('r');
      await terminal.shows(/! users\/a {2}edited in Datadog by \S+@\S+/);
      terminal.press('p');
      await terminal.shows(/Plan: 0 to add, 1 to change, 0 to destroy\. 1 unchanged\./);
      terminal.press('?');
      expect(await terminal.shows(/a {3}apply the plan/)).toContain('Ctrl-C');
    });
  },
);

test('off a terminal watch prints every line as plain text', async () => {
  await using rig = await Rig.start();
  for (let index = 0; index < 30; index += 1)
    rig.write(`connections/c${index}.yaml`, `${manifest(`users/c${index}`, [`f${index}`])}oops: 1\n`);
  const stop = new AbortController();
  setTimeout(() => stop.abort(new Error('interrupted')), 1_500);
  const { stdout, stderr, exitCode } = await rig.run('watch', { stop: stop.signal });
  expect(exitCode).toBe(130);
  expect(stderr).toBe('');
  expect(stdout).not.toContain('\u001B');
  expect([
    ...stdout.matchAll(/^\d\d:\d\d:\d\d {2}✗ connections\/c\d+\.yaml:10:1 {2}"oops" is not allowed here/gm),
  ]).toHaveLength(30);
  expect(stdout).toContain('> 10 | oops: 1');
  expect(stdout).toMatch(/\n {10}no new plan\n$/);
});
