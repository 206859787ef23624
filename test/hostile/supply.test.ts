import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

interface Locked {
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: true;
}

describe('the build inputs', () => {
  test('are pinned to one version each, and come only from npm, with their hash', () => {
    const { devDependencies, dependencies } = json('package.json') as Record<
      string,
      Record<string, string> | undefined
    >;
    expect(dependencies).toBeUndefined();
    for (const version of Object.values(devDependencies ?? {})) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
    const { packages } = json('package-lock.json') as { readonly packages: Readonly<Record<string, Locked>> };
    for (const [name, { resolved, integrity }] of Object.entries(packages).filter(([path]) => path !== '')) {
      // npm omits the address of its own registry.
      if (resolved !== undefined) expect(resolved, name).toMatch(/^https:\/\/registry\.npmjs\.org\//);
      expect(integrity, name).toMatch(/^sha512-/);
    }
  });

  test('in a workflow are pinned by hash, and have only the permissions that their job declares', () => {
    for (const file of readdirSync(join(ROOT, '.github/workflows'))) {
      const text = readFileSync(join(ROOT, '.github/workflows', file), 'utf8');
      for (const [, uses] of text.matchAll(/^ *(?:- )?uses: *(\S+)/gm))
        expect(uses).toMatch(/^(?:\.\/|[\w-]+\/[\w./-]+@[0-9a-f]{40}$)/);
      expect(text).toContain('permissions: {}');
      expect(text).not.toContain('pull_request_target');
    }
  });
});

test('two builds are equal, byte for byte', { timeout: 300_000 }, () => {
  expect(buildOf()).toEqual(buildOf());
});

/** Returns the name and hash of every file of a build in its own folder. */
function buildOf(): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'connsync-build-'));
  try {
    for (const name of ['src', 'node_modules', 'package.json', 'tsconfig.json', 'LICENSE'])
      symlinkSync(join(ROOT, name), join(folder, name));
    execFileSync(process.execPath, ['--preserve-symlinks', join(ROOT, '.ci/build.mjs'), '--fast'], { cwd: folder });
    const files = readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(10);
    return files
      .map(
        (entry) =>
          `${entry.name} ${createHash('sha256')
            .update(readFileSync(join(entry.parentPath, entry.name)))
            .digest('hex')}`,
      )
      .toSorted();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function json(file: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8'));
}
