import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import { manifest, Rig } from '../rig/rig.ts';
import { NO_SCRIPT, show } from './screen.ts';

const FRAMES = /[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏]/;

/**
 * A plan with everything it can show: all kinds of action, long names, owners, drift, an orphan and unmanaged
 * connections.
 */
async function busyRig(): Promise<Rig> {
  const rig = await Rig.start();
  rig.write('connections/users/billing.yaml', manifest('users/billing', ['plan', 'seats', 'legacy_sku']));
  rig.write('connections/accounts/salesforce.yaml', manifest('accounts/salesforce', ['arr', 'segment']));
  rig.write('connections/users/old-trial.yaml', manifest('users/old-trial', ['trial_started']));
  rig.write(
    'connections/accounts/firmographics.yaml',
    manifest('accounts/firmographics', ['industry'], '').replace(
      'id: industry\n',
      'id: industry\n    description: as written\n',
    ),
  );
  await rig.live('apply');
  rig.remove('connections/users/old-trial.yaml');
  rig.write(
    'connections/users/billing.yaml',
    manifest('users/billing', ['plan', 'seats']).replace(
      'id: plan\n',
      'id: plan\n    display_name: Subscription plan of the customer, as the billing system has it\n',
    ),
  );
  rig.write(
    'connections/accounts/salesforce.yaml',
    manifest('accounts/salesforce', ['arr', 'segment']).replace('join_attribute: user_email', 'join_attribute: crm_id'),
  );
  rig.write(
    'connections/users/crm.yaml',
    manifest(
      'users/a-connection-with-a-name-that-is-rather-long',
      Array.from({ length: 9 }, (_, index) => `attribute_number_${index}`),
      'connsync:\n  owner: team-of-people-who-look-after-this\n',
    ),
  );
  rig.datadog.edit(
    'accounts',
    'firmographics',
    (connection) => ({
      ...connection,
      fields: connection.fields.map((field) => ({ ...field, description: 'by hand' })),
    }),
    'ana@acme.example',
  );
  rig.datadog.seed('users', { id: 'stranger', type: 'ref_table', join_attribute: 'x', join_type: 'email' });
  return rig;
}

const COMMANDS = [
  ['plan --prune', 0],
  ['plan --prune --allow-replace --max-deletes 3', 0],
  ['apply --yes', 7],
  ['apply --yes --prune --allow-replace --max-deletes 3', 0],
  ['drift --detailed-exitcode', 2],
  ['validate', 0],
  ['state list', 0],
  ['explain unknown-property', 0],
  ['doctor', 0],
  ['--help', 0],
  ['apply --help', 0],
] as const;

describe.skipIf(NO_SCRIPT !== undefined)(`on a terminal${NO_SCRIPT === undefined ? '' : ` (${NO_SCRIPT})`}`, () => {
  describe.each([60, 120])('of %i columns', (columns) => {
    test.each(COMMANDS)(
      '%s fits: no line is broken within a word, and the footer is cleared',
      async (args, exitCode) => {
        await using rig = await busyRig();
        const {
          lines,
          broken,
          exitCode: ended,
        } = await show(rig, args, { columns, ...(args === 'plan --prune' ? { pty: true } : {}) });
        expect(ended).toBe(exitCode);
        expect(lines.length).toBeGreaterThan(0);
        expect(broken).toEqual([]);
        expect(lines.join('\n')).not.toMatch(FRAMES);
      },
    );
  });

  // In the output of doctor, the port and the remaining rate limit vary.
  const steadyCommands = COMMANDS.filter(([args]) => args !== 'doctor');
  test.each(steadyCommands)('%s prints the same text with and without colours', async (args) => {
    await using plain = await busyRig();
    await using coloured = await busyRig();
    const one = args.startsWith('apply') ? `${args} --concurrency 1` : args;
    const without = await show(plain, `${one} --color never`);
    const withColours = await show(coloured, `${one} --color always`);
    expect(without.raw).not.toMatch(/\u001B\[\d+m/);
    if (!/^state|--help/.test(args)) expect(withColours.raw).toMatch(/\u001B\[\d+m/);
    expect(steady(stripVTControlCharacters(withColours.lines.join('\n')))).toBe(steady(without.lines.join('\n')));
  });

  test.each(COMMANDS)('%s has ASCII equivalents of all symbols if the locale is not UTF-8', async (args) => {
    await using rig = await busyRig();
    const { lines } = await show(rig, args, { env: { ...rig.keys, LC_ALL: 'C' } });
    expect(lines.filter((line) => /[^ -~]/.test(line))).toEqual([]);
  });

  test.each(['plann', 'plan --tarrget x', 'plan nonsense', 'state show users/nobody', 'emulator --port nonsense'])(
    'the error of %s has ASCII equivalents too',
    async (args) => {
      await using rig = await busyRig();
      const { lines } = await show(rig, args, { env: { ...rig.keys, LC_ALL: 'C' } });
      expect(lines.join('\n')).toMatch(/^x .+/m);
      expect(lines.filter((line) => /[^ -~]/.test(line))).toEqual([]);
    },
  );

  test.each([
    ['for a screen reader or an old terminal (TERM=dumb)', { TERM: 'dumb' }],
    ['in CI', { CI: 'true', NO_COLOR: '1' }],
  ])('%s every line is printed once, in order, and never moved or overwritten', async (_, env) => {
    await using rig = await busyRig();
    rig.datadog.latencyMs = 600;
    const { raw } = await show(rig, 'apply --yes --prune --allow-replace --max-deletes 3', {
      env: { ...rig.keys, ...env },
    });
    expect(raw.replaceAll('\r\n', '\n')).not.toMatch(/[\u001B\r]/);
    expect(raw).toContain('Apply complete!');
  });
});

/** Removes the parts that differ from run to run. */
function steady(text: string): string {
  return text
    .replace(/ +\d+(?:\.\d)? m?s\b/g, ' N s')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'DATE')
    .replaceAll(/http:\S+/g, 'URL');
}
