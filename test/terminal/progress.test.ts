import { describe, expect, test } from 'vitest';
import { truncated } from '../../src/report/columns.ts';
import { openFooter, type Footer } from '../../src/report/footer.ts';
import { styleFor } from '../../src/report/style.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { NO_SCRIPT, show } from './screen.ts';

const LOOK = { color: { out: false, err: false }, unicode: false, width: 60, live: true, quiet: false, now: () => 0 };

/** A footer over a clock that stands still, and what it printed. */
function footer(look: Partial<typeof LOOK> = {}): {
  readonly bar: Footer;
  readonly text: string[];
  readonly pass: (ms: number) => void;
} {
  let now = 0;
  const text: string[] = [];
  const bar = openFooter(
    { err: (more) => text.push(more), fit: (line) => truncated(line, LOOK.width - 1) },
    { ...LOOK, ...look },
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

describe('the line at the bottom', () => {
  test('says how far reading has come, also where nothing lets a timer through; what is done at once is not worth a line', () => {
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

  test('counts a wait down, with its reason, and goes on with what is under way', () => {
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

  test('is never wider than the terminal, wide letters included', () => {
    const { bar, text, pass } = footer();
    bar.doing('起動'.repeat(40));
    pass(400);
    bar.doing('起動'.repeat(40));
    const line = (text.at(-1) ?? '').replace('\r\u001B[2K', '');
    expect(line).toContain('起動起動');
    // Two columns each, and the sign before them.
    expect(line.length).toBe(2 + 28);
    bar.rest();
  });

  test.each([{ live: false }, { quiet: true }])(
    'is not there where there is no terminal or quiet is asked for: %o',
    (look) => {
      const { bar, text, pass } = footer(look);
      bar.doing('reading manifests', 500, 12_000);
      pass(1_000);
      bar.doing('reading manifests', 1_000, 12_000);
      bar.started('users/a');
      bar.rest();
      expect(text).toEqual([]);
    },
  );
});

describe.skipIf(NO_SCRIPT !== undefined)('long work on a terminal', () => {
  test.each(['plan', 'drift', 'import --all'])('%s says what it waits for: the list of an entity', async (args) => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.seed('users', { id: 'b', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
    rig.datadog.latencyMs = 900;
    const { raw, lines } = await show(rig, args);
    expect(raw).toContain('listing users');
    expect(lines.join('\n')).not.toContain('listing users');
  });

  test('a rate limit says that it is one, and counts down', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.setFaults({ rules: [{ kind: 'limited', paths: ['connections'], times: 1, ms: 2_000 }] });
    const { raw, lines, exitCode } = await show(rig, 'plan');
    expect(exitCode).toBe(0);
    const waits = [...raw.matchAll(/waiting: rate limit, (\S+ m?s)/g)].map(([, wait]) => wait);
    expect(new Set(waits).size).toBeGreaterThan(3);
    expect(lines.join('\n')).not.toContain('waiting');
  });

  test('and off one, a line says it once', async () => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    rig.datadog.setFaults({ rules: [{ kind: 'limited', paths: ['connections'], times: 1, ms: 1_000 }] });
    const { stderr } = await rig.live('plan');
    expect(stderr.match(/^waiting: rate limit, /gm)).toHaveLength(1);
  });

  test('an apply shows how many actions are done, and leaves its answer alone', async () => {
    await using rig = await Rig.start();
    for (const id of ['a', 'b', 'c']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [`f_${id}`]));
    rig.datadog.latencyMs = 400;
    const { raw, lines } = await show(rig, 'apply --yes --concurrency 1', { pty: true });
    expect(raw).toMatch(/[123]\/3/);
    expect(lines.filter((line) => line.startsWith('✓'))).toHaveLength(3);
    expect(lines.join('\n')).not.toMatch(/\d\/3/);
  });
});
