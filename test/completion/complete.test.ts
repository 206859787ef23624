import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SHELLS } from '../../src/completion/shells.ts';
import { unquoted } from '../../src/completion/scripts.ts';
import { CLI, manifest, Rig } from '../rig/rig.ts';

/** Returns the candidates that a shell receives, without the first line, which says what the shell should add. */
async function offered(rig: Rig, words: string): Promise<readonly string[]> {
  const { stdout, stderr, exitCode } = await rig.live(`complete bash -- ${words}`);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  return stdout.split('\n').slice(1, -1);
}

const APPLIED = {
  'connections/users/a.yaml': manifest('users/a'),
  'connections/accounts/b.yaml': manifest('accounts/b'),
};

describe('completion', () => {
  test('offers every command on the first page, and every flag of each page', async () => {
    await using rig = await Rig.start();
    const commands = [...(await rig.run('--help')).stdout.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
    expect((await rig.live('complete bash')).stdout.split('\n').slice(1, -1).toSorted()).toEqual(commands.toSorted());
    for (const command of commands) {
      const flags = [...(await rig.run(`${command} --help`)).stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)];
      expect((await offered(rig, `${command} -`)).toSorted(), command).toEqual(
        flags.map(([, flag = '']) => flag).toSorted(),
      );
    }
  });

  test.each([
    ['plan --color a', ['auto', 'always']],
    ['plan --color=a', ['--color=auto', '--color=always']],
    ['plan --color = a', ['auto', 'always']],
    ['validate --format s', ['sarif']],
    ['watch --format m', []],
    ['plan --target users/a --site local', ['local']],
    ['plan -- --c', []],
    ['nonsense --c', []],
    ['explain yaml-s', ['yaml-syntax']],
    ['completion z', ['zsh']],
    ['plan --timeout 3', []],
  ])('offers after `%s`: %j', async (words, values) => {
    await using rig = await Rig.start();
    expect(await offered(rig, words)).toEqual(values);
  });

  test.each(['--target u', '--exclude u', '--exclude=x --target u'])(
    "offers the lockfile's keys after %s",
    async (words) => {
      await using rig = await Rig.applied(APPLIED);
      expect(await offered(rig, `plan ${words}`)).toEqual(['users/a']);
      expect(rig.sent()).toEqual([]);
    },
  );

  test.each(['accept u', 'import u', 'state show u', 'state rm accounts/b u'])('keys after %s', async (words) => {
    await using rig = await Rig.applied(APPLIED);
    expect(await offered(rig, words)).toEqual(['users/a']);
    expect(rig.sent()).toEqual([]);
  });

  test('offers recorded entities after import --entity', async () => {
    await using rig = await Rig.applied(APPLIED);
    expect(await offered(rig, 'import --entity a')).toEqual(['accounts']);
  });

  test('offers only one key for a command that takes one', async () => {
    await using rig = await Rig.applied(APPLIED);
    expect(await offered(rig, 'state show users/a u')).toEqual([]);
  });

  test('reads keys from the lockfile that the line or connsync.yaml names, or from the embedded emulator', async () => {
    await using rig = await Rig.applied(APPLIED);
    const text = rig.read('connections.lock');
    rig.write('other.lock', text.replace('"users/a"', '"users/other"'));
    expect(await offered(rig, 'plan --lockfile other.lock --target users')).toEqual(['users/other']);
    expect(await offered(rig, 'plan --lockfile=other.lock --target users')).toEqual(['users/other']);
    rig.write('.connsync/local/connections.lock', text.replace('"users/a"', '"users/local"'));
    expect(await offered(rig, 'plan --site local --target users')).toEqual(['users/local']);
    rig.write('connsync.yaml', 'version: 1\nlockfile: other.lock\n');
    expect(await offered(rig, 'plan --target users')).toEqual(['users/other']);
  });
});

describe('a lockfile that is', () => {
  test.each([
    ['missing', (rig: Rig) => rig.remove('connections.lock'), []],
    ['damaged', (rig: Rig) => rig.write('connections.lock', rig.read('connections.lock').slice(0, -40)), ['users/a']],
    ['no text', (rig: Rig) => rig.write('connections.lock', '\u0000\u0001{"key":"users/'), []],
    [
      'of another version',
      (rig: Rig) => rig.write('connections.lock', '{"lockfileVersion":9}\n{"key":"users/z"}\n'),
      ['users/z'],
    ],
    [
      'a pipe without a writer',
      (rig: Rig) => {
        rig.remove('connections.lock');
        execFileSync('mkfifo', [join(rig.folder, 'connections.lock')]);
      },
      [],
    ],
    ['beside a broken connsync.yaml', (rig: Rig) => rig.write('connsync.yaml', 'version: [\n'), ['users/a']],
    [
      'not to be read',
      (rig: Rig) => {
        rig.remove('connections.lock');
        symlinkSync('connections.lock', join(rig.folder, 'connections.lock'));
      },
      [],
    ],
  ])('%s loses some keys without an error', async (_what, harm, keys) => {
    await using rig = await Rig.applied(APPLIED);
    harm(rig);
    expect(await offered(rig, 'state show users/')).toEqual(keys);
  });
});

describe('completion scripts', () => {
  test('are printed for every supported shell', async () => {
    await using rig = await Rig.start();
    for (const shell of SHELLS) {
      const { stdout, exitCode } = await rig.run(`completion ${shell}`);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`connsync complete ${shell} --`);
    }
    const unknown = await rig.run('completion tcsh');
    expect(unknown.exitCode).toBe(3);
    expect(unknown.stderr).toContain('bash, zsh, fish');
  });

  test('the bash script fills COMPREPLY with insertable text, even when sourced twice', async () => {
    await using rig = await Rig.applied(APPLIED);
    rig.write('connections.lock', '{"key":"users/a $(touch pwned) b"}\n');
    rig.write('bin/connsync', `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
    chmodSync(join(rig.folder, 'bin/connsync'), 0o755);
    const script = `source <(connsync completion bash); source <(connsync completion bash)
COMP_WORDS=(connsync state show users/a); COMP_CWORD=3; COMP_LINE='connsync state show users/a'; COMP_POINT=\${#COMP_LINE}
_connsync; printf '%s\\n' "\${#COMPREPLY[@]}" "\${COMPREPLY[0]}"; eval "set -- \${COMPREPLY[0]}"; printf '%s\\n' "$1"; ls`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
      cwd: rig.folder,
      encoding: 'utf8',
      env: { PATH: `${join(rig.folder, 'bin')}:${process.env['PATH'] ?? ''}` },
    });
    expect(stderr).toBe('');
    const [count, entry, key, ...files] = stdout.trimEnd().split('\n');
    expect({ count, key }).toEqual({ count: '1', key: 'users/a $(touch pwned) b' });
    expect(entry).toContain('\\$\\(touch\\ pwned\\)');
    expect(files).not.toContain('pwned');
  });

  test.each([
    ['plain', 'plain'],
    ["'a b'", 'a b'],
    [`"a 'b'"`, "a 'b'"],
    [String.raw`a\ b`, 'a b'],
    [String.raw`'a\b'`, String.raw`a\b`],
    ["'open", 'open'],
    ['end\\', 'end'],
    ['$(x)', '$(x)'],
  ])('a word typed as %s is read as %s', (typed, word) => {
    expect(unquoted(typed)).toBe(word);
  });
});
