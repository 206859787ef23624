import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
let folder = '';
let installed = '';

function run(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', DD_API_KEY: '', DD_APP_KEY: '' },
  });
}

/** Everything in a folder, by path. */
function files(at: string): readonly string[] {
  return readdirSync(at, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

describe('the package, packed and installed into an empty folder', () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'connsync-package-'));
    const [packed] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
        cwd: ROOT,
        encoding: 'utf8',
      }),
    ) as readonly { readonly filename: string }[];
    writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    run('npm', 'install', '--offline', '--no-audit', '--no-fund', `./${packed?.filename ?? ''}`);
    installed = join(folder, 'node_modules/connsync');
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('brings nothing along, and weighs little', () => {
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['connsync']);
    expect(files(installed).reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(2_000_000);
  });

  test('holds what a user needs, and no sources or tests', () => {
    expect(readdirSync(installed).toSorted()).toEqual([
      'LICENSE',
      'README.md',
      'connections',
      'dist',
      'package.json',
      'schemas',
    ]);
    expect(readFileSync(join(installed, 'dist/THIRD-PARTY-NOTICES.txt'), 'utf8')).toMatch(/js-yaml \d/);
  });

  test('its command runs, down to the last chunk', () => {
    expect(run('npx', '--no-install', 'connsync', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(run('npx', '--no-install', 'connsync', 'demo')).toContain('No changes. 7 unchanged.');
    expect(JSON.parse(run('npx', '--no-install', 'connsync', 'schema'))).toHaveProperty('properties');
  });

  test('its library loads, with types that the strictest settings take', () => {
    writeFileSync(
      join(folder, 'use.ts'),
      "import { parseLockfile, planActions, type Plan } from 'connsync';\nconst plan: Plan = planActions({ desired: new Map(), recorded: new Map(), live: undefined, prune: false, onDrift: 'revert' });\nconsole.log(plan.checksum, typeof parseLockfile);\n",
    );
    const settings = {
      compilerOptions: {
        strict: true,
        exactOptionalPropertyTypes: true,
        module: 'nodenext',
        moduleResolution: 'nodenext',
        target: 'es2023',
        types: [],
        outDir: 'out',
        rootDir: '.',
      },
      files: ['use.ts'],
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ ...settings, compilerOptions: { ...settings.compilerOptions, lib: ['es2023', 'dom'] } }),
    );
    run(process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder);
    expect(run(process.execPath, 'out/use.js')).toMatch(/^sha256:[0-9a-f]{64} function\n$/);
  });

  test('its bundle is free of what belongs elsewhere', () => {
    const bundle = files(join(installed, 'dist'))
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    for (const name of ['@actions/', 'json-schema-to-typescript', 'fast-check']) expect(bundle).not.toContain(name);
  });
});
