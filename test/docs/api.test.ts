import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { reaped } from '../rig/children.ts';
import { manifest, Rig } from '../rig/rig.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = 'docs/examples/plan.ts';

const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');

test('the API page contains the example that is tested here', () => {
  expect(page).toContain(`\`\`\`ts\n${readFileSync(join(ROOT, EXAMPLE), 'utf8')}\`\`\`\n`);
});

test('the API page names every export of the library and is at most 200 lines long', { timeout: 300_000 }, () => {
  const entry = join(ROOT, 'src/index.ts');
  const config = JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as object;
  const program = ts.createProgram([entry], ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  const exported = symbol === undefined ? [] : checker.getExportsOfModule(symbol).map(({ name }) => name);
  expect(exported.length).toBeGreaterThan(10);
  const named = new Set(page.match(/(?<=`)\w+(?=`)/g));
  expect(exported.filter((name) => !named.has(name))).toEqual([]);
  expect(page.split('\n').length).toBeLessThanOrEqual(200);
});

test('the example compiles under strict settings', { timeout: 300_000 }, async () => {
  await using rig = await Rig.start();
  copyFileSync(join(ROOT, EXAMPLE), join(rig.folder, 'plan.ts'));
  symlinkSync(join(ROOT, 'node_modules'), join(rig.folder, 'node_modules'));
  const compilerOptions = {
    ...(JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as { readonly compilerOptions: object })
      .compilerOptions,
    lib: ['es2024', 'dom', 'esnext.disposable'],
    rootDir: '/',
    paths: { connsync: [join(ROOT, 'src/index.ts')] },
    // The environment of an independent program: an environment with any name.
    noPropertyAccessFromIndexSignature: false,
  };
  writeFileSync(join(rig.folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(rig.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['plan.ts'] }));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  expect(execFileSync(process.execPath, [tsc, '-p', rig.folder], { encoding: 'utf8' })).toBe('');
});

test('the example makes the same plan as connsync from the same manifests, lockfile and Datadog', async () => {
  await using rig = await Rig.start();
  rig.write('connections/users/a.yaml', manifest('users/a', ['a']));
  rig.write('connections/b.yml', manifest('accounts/b', ['b']));
  rig.datadog.seed('users', { id: 'other', type: 'ref_table', join_attribute: 'a', join_type: 'email', fields: [] });
  const bundle = join(rig.folder, 'plan.mjs');
  buildSync({
    entryPoints: [join(ROOT, EXAMPLE)],
    outfile: bundle,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    alias: { connsync: join(ROOT, 'src/index.ts') },
    banner: { js: 'import { createRequire as __cr } from "node:module"; const require = __cr(import.meta.url);' },
  });
  const checksum = async (): Promise<string> =>
    (JSON.parse((await rig.live('plan --format json')).stdout) as { checksum: string }).checksum;

  expect(await ran(rig, bundle)).toBe(
    `create accounts/b\ncreate users/a\n0 unchanged, 1 unmanaged, ${await checksum()}\n`,
  );
  expect((await rig.live('apply')).exitCode).toBe(0);
  expect(await ran(rig, bundle)).toBe(`2 unchanged, 1 unmanaged, ${await checksum()}\n`);
  rig.write('connections/b.yml', manifest('accounts/b', ['b', 'c']));
  expect(await ran(rig, bundle)).toBe(`update accounts/b\n1 unchanged, 1 unmanaged, ${await checksum()}\n`);
});

/** Runs a program against an emulator in this process and returns its output. */
async function ran(rig: Rig, program: string): Promise<string> {
  const child = reaped(
    spawn(process.execPath, [program], { cwd: rig.folder, env: { ...rig.keys }, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text));
  await new Promise((resolve) => child.on('close', resolve));
  return output;
}
