import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { buildProgram } from '../../src/cli/program.ts';
import { examplesOf } from '../../src/cli/help.ts';
import type { Runtime } from '../../src/runtime/runtime.ts';
import { Rig } from '../rig/rig.ts';

const PROGRAM = programOf();
const VISIBLE = PROGRAM.createHelp().visibleCommands(PROGRAM);
const COMMANDS = VISIBLE.map((command) => command.name());
const PAGES = [
  ...COMMANDS,
  ...(VISIBLE.find((command) => command.name() === 'state')?.commands ?? []).map(
    (command) => `state ${command.name()}`,
  ),
];

/** The commands and flags, without their implementation. */
function programOf(): ReturnType<typeof buildProgram> {
  const silent = { write: () => {}, isTTY: false, columns: undefined };
  const runtime = {
    cwd: '/',
    env: {},
    stdout: silent,
    stderr: silent,
    stdin: new PassThrough(),
    version: '0',
  } as unknown as Runtime;
  return buildProgram([], runtime, () => {});
}

describe('the main help page', () => {
  test('names every command once, grouped by task, and fits on a screen', async () => {
    await using rig = await Rig.start();
    const { stdout, exitCode } = await rig.run('--help', { columns: 80 });
    expect(exitCode).toBe(0);
    for (const command of COMMANDS) expect(stdout.match(new RegExp(`^  ${command}\\b`, 'gm')), command).toHaveLength(1);
    expect(stdout).not.toMatch(/^ {2}complete /m);
    for (const group of ['Getting started:', 'Plan and apply:', 'Drift and import:', 'Authoring:', 'Troubleshooting:'])
      expect(stdout).toContain(`\n${group}\n  `);
    expect(stdout.split('\n').length).toBeLessThan(40);
  });

  test('aligns its summaries, each on one line, at 60 columns too', async () => {
    await using rig = await Rig.start();
    for (const columns of [60, 80, 120]) {
      const { stdout } = await rig.run('--help', { columns });
      const rows = stdout.split('\n').filter((line) => line.startsWith('  '));
      expect(rows).toHaveLength(COMMANDS.length);
      expect(new Set(rows.map((row) => /^ {2}\S.*? {2,}/.exec(row)?.[0].length)).size).toBe(1);
    }
  });

  test('is printed by connsync without arguments', async () => {
    await using rig = await Rig.start();
    const alone = await rig.run('');
    expect(alone.stderr).toBe((await rig.run('--help')).stdout);
    expect(alone.exitCode).toBe(3);
  });
});

describe('the help page of each command', () => {
  test.each(PAGES)('%s fits the width of the terminal', async (command) => {
    await using rig = await Rig.start();
    for (const columns of [60, 80, 120]) {
      const { stdout, exitCode } = await rig.run(`${command} --help`, { columns });
      expect(exitCode).toBe(0);
      for (const line of stdout.split('\n')) expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });

  test.each(COMMANDS)('%s lists its environment and at least two examples', async (command) => {
    await using rig = await Rig.start();
    const { stdout } = await rig.run(`${command} --help`);
    expect(stdout).toContain('\nEnvironment:\n  ');
    const examples = stdout.slice(stdout.indexOf('\nExamples:\n')).match(/^ {2}connsync .*$/gm) ?? [];
    expect(examples.length).toBeGreaterThanOrEqual(2);
    for (const line of examples) expect(line).toMatch(new RegExp(`^ {2}connsync ${command}\\b`));
  });

  test.each(COMMANDS.flatMap((command) => examplesOf(command)))('the example `%s` parses', async (line) => {
    const program = programOf();
    let ran = false;
    for (const command of [...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
      if (command.commands.length === 0) command.action(() => void (ran = true));
    }
    const args = line.split(' ').slice(1);
    await program.parseAsync(args, { from: 'user' });
    expect(ran).toBe(true);
  });

  test('plan groups its flags', async () => {
    await using rig = await Rig.start();
    const { stdout } = await rig.run('plan --help');
    for (const group of ['Manifests:', 'Output:', 'Datadog:', 'Comparison:', 'Guards:'])
      expect(stdout).toContain(`\n${group}\n`);
  });
});
