import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import * as exported from '../../src/index.ts';

const { version } = packageJson;
const ROOT = join(import.meta.dirname, '../..');
let folder = '';
let installed = '';

function run(command: string, ...args: readonly string[]): string {
  return runIn(folder, command, ...args);
}

function runIn(cwd: string, command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', DD_API_KEY: '', DD_APP_KEY: '' },
  });
}

/** Returns every file in a folder, by path. */
function files(at: string): readonly string[] {
  return readdirSync(at, { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [join(entry.parentPath, entry.name)] : [],
  );
}

describe('the package, packed and installed into an empty folder', { timeout: 300_000 }, () => {
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

  test('has no dependencies and is small', () => {
    expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(['connsync']);
    expect(files(installed).reduce((sum, file) => sum + statSync(file).size, 0)).toBeLessThan(2_000_000);
  });

  test('contains the files that a user needs, and no sources or tests', () => {
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

  test('has a command that runs, including every lazy chunk', () => {
    expect(run('npx', '--no-install', 'connsync', '--version')).toBe(`${version}\n`);
    expect(run('npx', '--no-install', 'connsync', 'demo')).toContain('No changes. 7 unchanged.');
    expect(JSON.parse(run('npx', '--no-install', 'connsync', 'schema'))).toHaveProperty('properties');
  });

  test('has an init command whose example validates and plans', () => {
    const here = join(folder, 'connections-of-acme');
    mkdirSync(here);
    const connsync = (...args: readonly string[]): string => runIn(here, 'npx', '--no-install', 'connsync', ...args);
    expect(connsync('init', '--yes')).toContain('10 files written.');
    expect(connsync('validate')).toMatch(/^✓ 1 manifest valid, 1 connection/);
    expect(connsync('plan', '--site', 'local')).toMatch(/\nPlan: 1 to add, 0 to change, 0 to destroy\.\n$/);
    expect(connsync('apply', '--site', 'local')).toContain('Apply complete! Resources: 1 added');
    // The schema of the package must be the one in the folder now.
    expect(JSON.parse(readFileSync(join(here, '.vscode/connsync.schema.json'), 'utf8'))).toEqual(
      JSON.parse(readFileSync(join(installed, 'schemas/connection.schema.json'), 'utf8')),
    );
  });

  test('has a library that loads, with types that pass the strictest settings', () => {
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
        lib: ['es2023', 'dom'],
        types: [],
        outDir: 'out',
        rootDir: '.',
      },
      files: ['use.ts'],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
    run(process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', folder);
    expect(run(process.execPath, 'out/use.js')).toMatch(/^sha256:[0-9a-f]{64} function\n$/);
  });

  test('exports src/index.ts, its schemas, and nothing internal', () => {
    const load = (name: string, more = ''): string =>
      run(
        process.execPath,
        '--input-type=module',
        '--eval',
        `const it = await import('${name}'${more}).then((module) => Object.keys(module), ({ code }) => code); console.log(JSON.stringify(it));`,
      ).trim();
    expect(JSON.parse(load('connsync'))).toEqual(Object.keys(exported).toSorted());
    for (const file of readdirSync(join(ROOT, 'schemas')))
      expect(JSON.parse(load(`connsync/schemas/${file}`, ", { with: { type: 'json' } }"))).toEqual(['default']);
    expect(load('connsync/dist/main.js')).toBe('"ERR_PACKAGE_PATH_NOT_EXPORTED"');
  });

  test('has a bundle without code that belongs to other bundles', () => {
    const bundle = files(join(installed, 'dist'))
      .filter((file) => file.endsWith('.js'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    for (const name of ['@actions/', 'json-schema-to-typescript', 'fast-check']) expect(bundle).not.toContain(name);
  });
});
