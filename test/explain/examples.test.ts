import { describe, expect, test } from 'vitest';
import { CODES, type Code } from '../../src/core/codes.ts';
import type { Example } from '../../src/explain/explanation.ts';
import { EXPLANATIONS, GROUPS } from '../../src/explain/index.ts';
import { sizeOf } from '../machinery/figures.ts';
import { Rig } from '../rig/rig.ts';
import { FIXTURES, type Which } from './fixtures.ts';
import { codesIn, place, printedLines, runSession, wasPrinted, type Session } from './session.ts';

const ALL = Object.keys(CODES) as readonly Code[];

test('every code has an explanation, a fixture, and one heading', () => {
  expect(Object.keys(EXPLANATIONS).toSorted()).toEqual(ALL.toSorted());
  expect(Object.keys(FIXTURES).toSorted()).toEqual(ALL.toSorted());
  expect(GROUPS.flatMap(({ codes }) => codes).toSorted()).toEqual(ALL.toSorted());
});

describe('the bad example of a code reports it, and the good one does not', { timeout: 600_000 }, () => {
  test.concurrent.each(ALL)('%s', async (code) => {
    const { bad, good } = EXPLANATIONS[code];
    const broken = await tried(code, 'bad', true);
    expect(broken.codes, broken.output).toContain(code);
    const { exit } = CODES[code] as { readonly exit?: number };
    // A watch ends on Ctrl-C, and the Action with its own code.
    if (FIXTURES[code].run === undefined) expect(broken.exitCode, broken.output).toBe(exit ?? 0);

    const fixed = await tried(code, 'good', true);
    expect(fixed.codes, fixed.output).not.toContain(code);
    if (FIXTURES[code].run === undefined) expect(fixed.exitCode, fixed.output).toBe(0);

    await expectPrinted(code, 'bad', bad);
    // The bad example is compared with real output; the good one's output is compared only in the long run.
    if (sizeOf('LONG', 0) === 1) await expectPrinted(code, 'good', good);
  });
});

/** A session's example matches its real output. */
async function expectPrinted(code: Code, which: Which, { kind, text }: Example): Promise<void> {
  if (kind === 'file' || printedLines(text).length === 0) return;
  const { output } = await tried(code, which, false);
  for (const line of printedLines(text)) expect(wasPrinted(line, output), `${line}\n\n${output}`).toBe(true);
}

async function tried(code: Code, which: Which, json: boolean): Promise<Session> {
  const { before, env = {}, command = '', run } = FIXTURES[code];
  if (run !== undefined) return await run(which);
  await using rig = await Rig.start();
  await before?.(rig, which);
  const example = EXPLANATIONS[code][which];
  if (example.kind === 'terminal') return await runSession(example.text, rig, { env, json });
  place(rig, example.file, example.text);
  const { stdout, exitCode } = await rig.run(`${command} --format json`);
  return { output: stdout, codes: codesIn(stdout), exitCode };
}
