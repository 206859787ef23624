import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SHELLS } from '../../src/completion/shells.ts';
import { printLockfile } from '../../src/core/lockfile.ts';
import { recorded } from '../core/samples.ts';
import { sizeOf } from '../machinery/figures.ts';
import { Rig } from '../rig/rig.ts';
import { InteractiveShell, lacking } from './shell.ts';

/** Keys with shell syntax. Each has a unique beginning to complete from. */
const HOSTILE = [
  'users/k00 crm contacts',
  "users/k01it's",
  'users/k02$(touch pwned)',
  'users/k03`touch pwned`',
  'users/k04"quoted"',
  'users/k05;touch pwned',
  'users/k06:colon',
  'users/k07back\\slash',
  'users/k08*',
  'users/k09$HOME',
  'users/k10!history',
  'users/k11{a,b}',
  'users/k12#comment',
  'users/k13Größe',
  'users/k14&touch pwned',
  'users/k15|touch pwned',
  'users/k16>pwned',
  'users/k17=equals',
  'users/k18\'"$(touch pwned)\\',
] as const;
/** Characters that would end a line or move the cursor. */
const NEVER_OFFERED = ['users/n00\ntouch pwned', 'users/n01\u001B[2J', 'users/n02\u202Egnp', 'users/n03\ttab'];

const lockfile = printLockfile({
  header: { site: 'datadoghq.com', manifests: ['connections'] },
  records: new Map([...HOSTILE, ...NEVER_OFFERED].map((key) => [key, recorded(key)])),
});

describe.each(SHELLS)('completion in %s', (name) => {
  // Bash runs all of them; the other shells run a share, except in the long run.
  const share = name === 'zsh' ? 0 : 1;
  const hostile = HOSTILE.filter((_, index) => name === 'bash' || sizeOf('LONG', 0) === 1 || index % 2 === share);
  const why = lacking(name);
  let rig: Rig;
  let shell: InteractiveShell;

  describe.skipIf(why !== undefined)(
    `on a terminal${why === undefined ? '' : ` (${why})`}`,
    { timeout: 300_000 },
    () => {
      beforeAll(async () => {
        rig = await Rig.start();
        rig.write('connections.lock', lockfile);
        rig.write('my folder/plan one.json', '{}');
        shell = new InteractiveShell(name, rig.folder);
        await shell.ready();
      }, 60_000);
      afterAll(async () => {
        shell[Symbol.dispose]();
        await rig[Symbol.asyncDispose]();
      });

      test.each([
        ['a command', ['connsync vali'], ['validate']],
        ['a command of a command', ['connsync sta', 'reb'], ['state', 'rebuild']],
        ['a flag', ['connsync plan --detai'], ['plan', '--detailed-exitcode']],
        ['a value of a flag', ['connsync plan --on-dr', 'ref'], ['plan', '--on-drift', 'refuse']],
        ['a value behind =', ['connsync plan --format=js'], ['plan', '--format=json']],
        ['a site', ['connsync drift --site us5'], ['drift', '--site', 'us5.datadoghq.com']],
        ['a code', ['connsync explain duplicate-k'], ['explain', 'duplicate-key']],
        ['a shell', ['connsync completion fi'], ['completion', 'fish']],
        ['what a schema is of', ['connsync schema set'], ['schema', 'settings']],
        ['a folder', ['connsync plan --dir my'], ['plan', '--dir', 'my folder/']],
        ['a file', ['connsync apply --plan "my folder/pl'], ['apply', '--plan', 'my folder/plan one.json']],
        ['a second key', ['connsync accept users/k00', 'users/k06'], ['accept', HOSTILE[0], HOSTILE[6]]],
        ['a key behind a flag', ['connsync plan --target users/k05'], ['plan', '--target', HOSTILE[5]]],
      ])('%s', async (_what, typed, args) => {
        expect((await shell.completes(...typed)).map((arg) => arg.replace(/^my folder$/, 'my folder/'))).toEqual(args);
      });

      test.each(hostile)('inserts the key %o as text', async (key) => {
        expect(await shell.completes(`connsync state show ${key.slice(0, 9)}`)).toEqual(['state', 'show', key]);
        expect(existsSync(join(rig.folder, 'pwned'))).toBe(false);
      });

      test.each(hostile.filter((key) => !/['"\\!]/.test(key)))('the key %o after an opening quote', async (key) => {
        expect(await shell.completes(`connsync state show '${key.slice(0, 9)}`)).toEqual(['state', 'show', key]);
      });

      test('completes a key with a colon from after the colon', async () => {
        expect(await shell.completes('connsync state show users/k06:co')).toEqual(['state', 'show', 'users/k06:colon']);
      });

      test('does not execute typed text on a tab', async () => {
        shell.types('connsync state show $(touch pwned) `touch pwned` users/k13');
        shell.press('Tab');
        shell.press('C-u');
        expect(await shell.completes('connsync vali')).toEqual(['validate']);
        expect(existsSync(join(rig.folder, 'pwned'))).toBe(false);
      });

      test.each(NEVER_OFFERED)('does not offer the key %j', async (key) => {
        expect(await shell.completes(`connsync state show ${key.slice(0, 9)}`)).toEqual([
          'state',
          'show',
          key.slice(0, 9),
        ]);
      });
    },
  );
});
