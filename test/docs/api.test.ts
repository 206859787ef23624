import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { expect, test } from 'vitest';
import { reaped } from '../rig/children.ts';
import { manifest, Rig } from '../rig/rig.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = 'docs/examples/plan.ts';

test('the example of the API page is the one that is tried here', () => {
  const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');
  expect(page).toContain(`\`\`\`ts\n${readFileSync(join(ROOT, EXAMPLE), 'utf8')}\`\`\`\n`);
});

test('it compiles under strict settings', { timeout: 300_000 }, async () => {
  await using rig = await Rig.start();
  copyFileSync(join(ROOT, EXAMPLE), join(rig.folder, 'plan.ts'));
  symlinkSync(join(ROOT, 'node_modules'), join(rig.folder, 'node_modules'));
  const compilerOptions = {
    ...(JSON.parse(readFileSync(join(ROOT, 'tsconfig.json'), 'utf8')) as { readonly compilerOptions: object })
      .compilerOptions,
    lib: ['es2024', 'dom', 'esnext.disposable'],
    rootDir: '/',
    paths: { connsync: [join(ROOT, 'src/index.ts')] },
    // The world of a program of its own: an environment by any name.
    noPropertyAccessFromIndexSignature: false,
  };
  writeFileSync(join(rig.folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(rig.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['plan.ts'] }));
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  expect(execFileSync(process.execPath, [tsc, '-p', rig.folder], { encoding: 'utf8' })).toBe('');
});

test('it plans what connsync plans: from the same manifests, lockfile and Datadog', async () => {
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

/** What a program prints, beside an emulator in this process. */
async function ran(rig: Rig, program: string): Promise<string> {
  const child = reaped(
    spawn(process.execPath, [program], { cwd: rig.folder, env: { ...rig.keys }, stdio: ['ignore', 'pipe', 'inherit'] }),
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text));
  await new Promise((resolve) => child.on('close', resolve));
  return output;
}
