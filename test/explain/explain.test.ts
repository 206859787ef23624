import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CODES, type Code } from '../../src/core/codes.ts';
import { EXPLANATIONS } from '../../src/explain/index.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { typedLines } from './session.ts';

const ALL = Object.keys(CODES) as readonly Code[];
const ROOT = join(import.meta.dirname, '../..');

describe('connsync explain', () => {
  test('lists every code with its title, and needs no configuration', async () => {
    await using rig = await Rig.start();
    const { stdout, stderr, exitCode } = await rig.run('explain', { env: { DD_SITE: 'nonsense' } });
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    for (const code of ALL) {
      const [word = ''] = CODES[code].title.split(' ');
      expect(stdout).toMatch(new RegExp(`^  [✗!] ${code} +${word}`, 'm'));
    }
    expect(rig.sent()).toEqual([]);
  });

  test.each(ALL)('of %s prints title, severity, meaning, both examples and a next step', async (code) => {
    await using rig = await Rig.start();
    const { stdout, exitCode } = await rig.run(`explain ${code}`, { columns: 60 });
    expect(exitCode).toBe(0);
    const flat = stdout.replace(/\s+/g, ' ');
    const { severity, title, exit } = CODES[code] as { severity: string; title: string; exit?: number };
    const { means, why, next } = EXPLANATIONS[code];
    for (const text of [title, means, why, next]) expect(flat).toContain(text.replace(/\s+/g, ' '));
    expect(stdout.split('\n')[0]).toMatch(
      exit === undefined
        ? new RegExp(`^! ${code}  ${severity}  `)
        : new RegExp(`^✗ ${code}  ${severity}, exit ${exit}  `),
    );
    expect(stdout).toMatch(/^Bad.*\n {4}\S/m);
    expect(stdout).toMatch(/^Good.*\n {4}\S/m);
  });

  test('--format json prints the entry, or the list of all', async () => {
    await using rig = await Rig.start();
    const one = JSON.parse((await rig.run('explain yaml-alias --format json')).stdout) as object;
    expect(one).toEqual({
      formatVersion: '1.0',
      code: 'yaml-alias',
      group: 'YAML',
      ...CODES['yaml-alias'],
      means: EXPLANATIONS['yaml-alias'].means,
      why: EXPLANATIONS['yaml-alias'].why,
      bad: { file: 'connections/users/crm-contacts.yaml', text: expect.stringContaining('&mail') as string },
      good: { file: 'connections/users/crm-contacts.yaml', text: expect.not.stringContaining('&') as string },
      next: EXPLANATIONS['yaml-alias'].next,
    });
    const line = (await rig.run('explain stale-plan --format ndjson')).stdout;
    expect(line.trimEnd()).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ bad: { session: expect.stringMatching(/^\$ connsync/) as string } });
    const { codes } = JSON.parse((await rig.run('explain --format json')).stdout) as {
      readonly codes: readonly { readonly code: string }[];
    };
    expect(codes.map(({ code }) => code).toSorted()).toEqual(ALL.toSorted());
  });

  test.each([
    ['unknown-propert', 'did you mean "unknown-property"?'],
    ['duplicateKey', 'did you mean "duplicate-key"?'],
    ['lock_held', 'did you mean "lock-held"?'],
    ['constructor', 'run connsync explain to list all codes'],
    ['ENOENT', 'run connsync explain to list all codes'],
  ])('rejects the unknown code %s with 3 and a hint', async (asked, hint) => {
    await using rig = await Rig.start();
    const ended = await rig.run(`explain ${asked}`);
    expect(ended).toEqual({ exitCode: 3, stdout: '', stderr: `✗ there is no code "${asked}"\n  → ${hint}\n` });
    const document = JSON.parse((await rig.run(`explain ${asked} --format json`)).stdout) as object;
    expect(document).toMatchObject({ problems: [{ code: 'usage', hint }] });
  });

  test('accepts a code in capitals', async () => {
    await using rig = await Rig.start();
    expect((await rig.run('explain YAML-TAG')).stdout).toContain('✗ yaml-tag');
  });
});

describe('the explanations', () => {
  test.each(ALL)('%s: uses only commands that connsync has', async (code) => {
    await using rig = await Rig.start();
    const { bad, good } = EXPLANATIONS[code];
    const typed = [bad, good].flatMap((example) => (example.kind === 'terminal' ? typedLines(example.text) : []));
    const commands = typed.flatMap((line) => /\bconnsync (\w+)/.exec(line)?.[1] ?? []);
    for (const command of commands) expect((await rig.run(`${command} --help`)).exitCode, command).toBe(0);
  });

  test('contain every code in full on the page, and each example as it is run', () => {
    const page = readFileSync(join(ROOT, 'docs/codes.md'), 'utf8').replaceAll('\r\n', '\n');
    for (const code of ALL) {
      const { bad, good } = EXPLANATIONS[code];
      const [, section = ''] = page.split(`\n### ${code}\n`);
      for (const { text } of [bad, good]) expect(section.split('\n### ')[0]).toContain(`\n${text}\`\`\``);
      expect(page).toContain(`(#${code})`);
    }
  });
});

test('are not loaded by any other command', () => {
  const dist = join(ROOT, 'dist');
  const chunks = readdirSync(join(dist, 'chunks')).filter((name) => /^(?:validate|human|plan|apply)-/.test(name));
  const loaded = closureOf(dist, ['main.js', ...chunks.map((name) => `chunks/${name}`)]);
  expect(loaded.size).toBeGreaterThan(10);
  const { why } = EXPLANATIONS['yaml-alias'];
  expect([...loaded].filter((name) => readFileSync(join(dist, name), 'utf8').includes(why))).toEqual([]);
  const explaining = readdirSync(join(dist, 'chunks')).filter((name) => name.startsWith('explain-'));
  const needed = closureOf(
    dist,
    explaining.map((name) => `chunks/${name}`),
  );
  expect([...needed].some((name) => readFileSync(join(dist, name), 'utf8').includes(why))).toBe(true);
});

/** Files of the build that are loaded together with these, without lazily loaded ones. */
function closureOf(dist: string, files: readonly string[], seen = new Set<string>()): ReadonlySet<string> {
  for (const file of files) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(join(dist, file), 'utf8');
    const next = [...text.matchAll(/(?:from|import)"(\.[^"]+)"/g)].map(([, path = '']) => join(dirname(file), path));
    closureOf(dist, next, seen);
  }
  return seen;
}

describe('validate ends with a pointer to connsync explain', () => {
  async function lastLine(text: string, args = '', columns?: number): Promise<string> {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', text);
    const { stdout } = await rig.run(`validate ${args}`, columns === undefined ? {} : { columns });
    return stdout.trimEnd().split('\n').at(-1) ?? '';
  }

  test('for the first error, or else the first warning', async () => {
    const misspelt = manifest('teams/a').replace('- id: plan', '- ids: plan');
    expect(await lastLine(misspelt, '', 120)).toMatch(
      /^✗ 1 of 1 manifest invalid.*\)   to learn more: connsync explain (?:missing|unknown)-property$/,
    );
    expect(await lastLine(manifest('teams/a'), '', 120)).toMatch(
      /^✓ .*\)   to learn more: connsync explain unknown-entity$/,
    );
  });

  test('on its own line if there is no room', async () => {
    expect(await lastLine(manifest('teams/a'), '', 60)).toBe('to learn more: connsync explain unknown-entity');
  });

  test('and not for a problem that was not reported', async () => {
    expect(await lastLine(manifest('users/a'))).not.toContain('explain');
    expect(await lastLine(manifest('teams/a'), '--quiet')).not.toContain('explain');
  });
});
