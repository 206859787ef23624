import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Rig } from '../rig/rig.ts';
import { NO_TERMINAL, Terminal } from '../watch/terminal.ts';

/** Checks that the terminal has line mode, echo and Ctrl-C again. */
const RESTORED = /\n *isig icanon echo/;

function files(rig: Rig): readonly string[] {
  return readdirSync(rig.folder).filter((name) => name !== '.tmux');
}

describe.skipIf(NO_TERMINAL !== undefined)(
  `init on a terminal${NO_TERMINAL === undefined ? '' : ` (${NO_TERMINAL})`}`,
  () => {
    test.each([120, 60])('of %i columns asks, and Enter accepts every default', async (columns) => {
      await using rig = await Rig.start();
      using terminal = new Terminal(rig, 'init', columns, {});
      await terminal.shows(/Which Datadog site[^]*● datadoghq\.com\n/);
      expect(files(rig)).toEqual([]);
      terminal.press('Enter');
      await terminal.shows(/Write an example manifest/);
      terminal.press('Enter');
      await terminal.shows(/Write GitHub workflows/);
      expect(files(rig)).toEqual([]);
      terminal.press('Enter');
      const text = await terminal.shows(RESTORED);
      expect(text).toMatch(/10 files written\.\n\nNext\n/);
      expect(text).toContain('ended 0');
      expect(text.split('\n').every((line) => line.length <= columns)).toBe(true);
      expect((await rig.run('plan --offline')).stdout).toMatch(/^connsync plan {3}datadoghq\.com [^]*Plan: 1 to add/);
    });

    test('with keys starts from live, at the chosen site', async () => {
      await using rig = await Rig.start();
      rig.datadog.seed('users', { id: 'crm', type: 'ref_table', join_attribute: 'a', join_type: 'email', fields: [] });
      using terminal = new Terminal(rig, 'init');
      await terminal.shows(/Which Datadog site/);
      terminal.press('Down');
      await terminal.shows(/● us3\.datadoghq\.com/);
      terminal.press('Enter');
      await terminal.shows(/Keys are set\. Import every live connection from us3\.datadoghq\.com\?/);
      terminal.press('Enter');
      await terminal.shows(/Write GitHub workflows/);
      terminal.press('n');
      const text = await terminal.shows(RESTORED);
      expect(text).toContain('+ connections/users/crm.yaml');
      expect(text).not.toContain('example');
      expect(existsSync(join(rig.folder, '.github'))).toBe(false);
      expect(rig.read('connsync.yaml')).toContain('site: us3.datadoghq.com');
      expect((await rig.live('plan')).stdout).toMatch(/us3\.datadoghq\.com [^]*No changes\. 1 unchanged\./);
    });

    test.each([
      ['the first question', 0],
      ['a later question', 2],
    ])('writes nothing on Ctrl-C at %s, ends with 130, and restores the terminal', async (_, answered) => {
      await using rig = await Rig.start();
      using terminal = new Terminal(rig, 'init', 120, {});
      await terminal.shows(/Which Datadog site/);
      for (const question of [/Write an example/, /Write GitHub workflows/].slice(0, answered)) {
        terminal.press('Enter');
        await terminal.shows(question);
      }
      terminal.press('C-c');
      const text = await terminal.shows(RESTORED);
      expect(text).toContain('Nothing was written.');
      expect(text).toContain('ended 130');
      expect(files(rig)).toEqual([]);
    });

    test('does not ask about values that a flag sets', async () => {
      await using rig = await Rig.start();
      using terminal = new Terminal(rig, 'init --site datadoghq.eu --no-example --no-workflows', 120, {});
      expect(await terminal.shows(RESTORED)).toContain('ended 0');
      expect(rig.read('connsync.yaml')).toContain('site: datadoghq.eu');
    });

    test('prints plain symbols without colour and Unicode', async () => {
      await using rig = await Rig.start();
      using terminal = new Terminal(rig, 'init', 80, { LANG: 'C', NO_COLOR: '1' });
      await terminal.shows(/> datadoghq\.com/);
      for (const question of [/Write an example/, /Write GitHub workflows/]) {
        terminal.press('Enter');
        await terminal.shows(question);
      }
      terminal.press('Enter');
      expect(await terminal.shows(RESTORED)).toMatch(/^[\u0000-\u007F]*$/);
    });
  },
);
