import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';

const GENERAL = ['human', 'json', 'ndjson', 'markdown', 'github'];
const ALL = [...GENERAL, 'sarif', 'curl'];

describe.each([
  ['validate', [...GENERAL, 'sarif']],
  ['plan', [...GENERAL, 'curl']],
  ['apply', GENERAL],
  ['drift', GENERAL],
])('%s', (command, formats) => {
  test.each(ALL)('prints --format %s, or rejects it before reading anything', async (format) => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    const { exitCode, stdout, stderr } = await rig.live(`${command} --format ${format}`);
    if (formats.includes(format)) {
      expect(exitCode).toBe(0);
      expect(stdout).not.toBe('');
      return;
    }
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(`Allowed choices are ${formats.join(', ')}.`);
    expect(rig.sent()).toEqual([]);
  });
});
