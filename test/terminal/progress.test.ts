import { describe, expect, test } from 'vitest';
import { truncated } from '../../src/reporters/human/columns.ts';
import { openProgressLine, type ProgressLine } from '../../src/reporters/human/progress-line.ts';
import { styleFor } from '../../src/reporters/human/style.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { NO_SCRIPT, show } from './screen.ts';

const LOOK = { color: { out: false, err: false }, unicode: false, width: 60, live: true, quiet: false, now: () => 0 };

/** A footer with a stopped clock, and its output. */
function footer(terminal: Partial<typeof LOOK> = {}): {
  readonly bar: ProgressLine;
  readonly text: string[];
  readonly pass: (ms: number) => void;
} {
  let now = 0;
  const text: string[] = [];
  const bar = openProgressLine(
    { err: (more) => text.push(more), fit: (line) => truncated(line, LOOK.width - 1) },
    { ...LOOK, ...terminal },
    styleFor('err', LOOK),
    () => now,
  );
  return {
    bar,
    text,
    pass: (ms) => {
      now += ms;
    },
  };
}

describe('the progress line', () => {
  test('shows the progress of reading, even if no timer fires, but not for fast work', () => {
    const { bar, text, pass } = footer();
    bar.doing('reading manifests', 500, 12_000);
    pass(100);
    bar.doing('reading manifests', 1_000, 12_000);
    expect(text.join('')).toBe('');
    pass(300);
    bar.doing('reading manifests', 1_500, 12_000);
    expect(text.join('')).toContain('reading manifests  1,500 of 12,000');
    bar.rest();
    expect(text.at(-1)).toBe('\r\u001B[2K');
  });

  test('counts down a wait with its reason, and then continues with the current work', () => {
    const { bar, text, pass } = footer();
    bar.doing('listing users');
    bar.waiting('rate limit', 12_000);
    pass(100);
    bar.doing('listing users');
    expect(text.at(-1)).toContain('waiting: rate limit, 11.9 s');
    pass(11_800);
    bar.doing('listing users');
    expect(text.at(-1)).toContain('waiting: rate limit, 100 ms');
    pass(200);
    bar.doing('listing users');
    expect(text.at(-1)).toContain('listing users');
    bar.rest();
  });

  test('never exceeds the width of the terminal, including wide letters', () => {
    const { bar, text, pass } = footer();
    bar.doing('起動'.repeat(40));
    pass(400);
    bar.doing('起動'.repeat(40));
    const line = (text.at(-1) ?? '').replace('\r\u001B[2K', '');
    expect(line).toContain('起動起動');
    // Each character takes two columns, plus the sign before them.
    expect(line.length).toBe(2 + 28);
    bar.rest();
  });

  test.each([{ live: false }, { quiet: true }])('is absent without a terminal or with quiet: %o', (terminal) => {
    const { bar, text, pass } = footer(terminal);
    bar.doing('reading manifests', 500, 12_000);
    pass(1_000);
    bar.doing('reading manifests', 1_000, 12_000);
    bar.started('users/a');
    bar.rest();
    expect(text).toEqual([]);
  });
});

describe.skipIf(NO_SCRIPT !== undefined)('a long command on a terminal', () => {
  test.each(['plan', 'drift', 'import --all'])('%s shows that it waits for the list of an entity', async (args) => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.seed('users', { id: 'b', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    rig.datadog.latencyMs = 900;
    const { raw, lines } = await show(rig, args);
    expect(raw).toContain('listing users');
    expect(lines.join('\n')).not.toContain('listing users');
  });

  test('reports a rate limit and counts down', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.setFaults({ rules: [{ kind: 'limited', paths: ['connections'], times: 1, ms: 2_000 }] });
    const { raw, lines, exitCode } = await show(rig, 'plan');
    expect(exitCode).toBe(0);
    const waits = [...raw.matchAll(/waiting: rate limit, (\S+ m?s)/g)].map(([, wait]) => wait);
    expect(new Set(waits).size).toBeGreaterThan(3);
    expect(lines.join('\n')).not.toContain('waiting');
  });

  test('reports a rate limit once on its own line if there is no terminal', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.setFaults({ rules: [{ kind: 'limited', paths: ['connections'], times: 1, ms: 1_000 }] });
    const { stderr } = await rig.live('plan');
    expect(stderr.match(/^waiting: rate limit, /gm)).toHaveLength(1);
  });

  test('shows the number of completed actions of an apply, and does not change its result', async () => {
    await using rig = await Rig.start();
    for (const id of ['a', 'b', 'c']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`f_${id}`]));
    rig.datadog.latencyMs = 400;
    const { raw, lines } = await show(rig, 'apply --yes --concurrency 1', { pty: true });
    expect(raw).toMatch(/[123]\/3/);
    expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(3);
    expect(lines.join('\n')).not.toMatch(/\d\/3/);
  });
});
