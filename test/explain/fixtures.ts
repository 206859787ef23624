import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Code } from '../../src/core/codes.ts';
import { parseLockfile, printLockfile } from '../../src/core/lockfile.ts';
import { recorded } from '../core/samples.ts';
import type { Rig } from '../rig/rig.ts';
import { notRecordable, staleCheckout, watchIncomplete } from './non-cli-fixtures.ts';
import type { Session } from './session.ts';
import {
  answering,
  applied,
  appliedProtected,
  appliedThree,
  contacts,
  conflicting,
  CONTACTS,
  drifted,
  interrupted,
  LEADS,
  LIVE_LEADS,
  two,
  withBlock,
} from './scenarios.ts';

export type Which = 'bad' | 'good';

/** How an example is set up. */
export interface Fixture {
  /** The initial setup; a file example needs only itself. */
  readonly before?: (rig: Rig, which: Which) => void | Promise<void>;
  readonly env?: Readonly<Record<string, string>>;
  /** The command that reads a file; a session contains its own. */
  readonly command?: string;
  /** If something other than the command line reports the code. */
  readonly run?: (which: Which) => Promise<Session>;
}

const FILE: Fixture = { command: 'validate' };
const NO_KEYS = { DD_API_KEY: '', DD_APP_KEY: '', DD_API_URL: '' };
const QUICK = { CONNSYNC_SETTLE_MS: '300' };

/** Fixtures of every code; a missing one is a compile error. */
export const FIXTURES: Readonly<Record<Code, Fixture>> = {
  'missing-folder': { before: contacts },
  'unreadable-file': { before: contacts },
  'file-too-large': { before: contacts },
  'too-many-files': { before: two },
  'folder-too-deep': { before: contacts },
  'linked-file': { before: contacts },
  'not-utf8': { before: contacts },
  'stray-bom': { before: contacts },
  'conflict-markers': FILE,
  'empty-manifest': FILE,

  'yaml-syntax': FILE,
  'yaml-depth': FILE,
  'yaml-alias': FILE,
  'yaml-tag': FILE,
  'yaml-merge-key': FILE,
  'yaml-version': FILE,
  'duplicate-property': FILE,
  'lone-surrogate': FILE,
  'ambiguous-scalar': FILE,

  'unknown-property': FILE,
  'missing-property': FILE,
  'wrong-type': FILE,
  'not-allowed': FILE,
  'bad-length': FILE,
  'bad-value': FILE,
  'forbidden-name': FILE,
  unformatted: { command: 'fmt --check' },

  'unsafe-id': FILE,
  'unusual-id': FILE,
  'duplicate-key': FILE,
  'duplicate-field': FILE,
  'shared-field': FILE,
  'unknown-entity': FILE,
  'unknown-type': FILE,
  'unknown-join-type': FILE,
  'unknown-field-type': FILE,
  'stale-rename': { before: withBlock('  renamed_fields:\n    tier: price_tier\n') },
  'unused-allow': { before: withBlock('  allow: [replace]\n') },

  normalised: {
    before: async (rig) => {
      await applied(rig);
      rig.datadog.setFaults({ normalise: 'trim' });
    },
    env: QUICK,
  },
  drift: { before: drifted },
  orphan: { before: applied },
  protected: { before: appliedProtected, env: QUICK },
  'conflicting-records': { before: conflicting },
  'prune-off': { before: applied },
  'matches-nothing': { before: applied },
  'watch-incomplete': { run: watchIncomplete },
  'incomplete-credentials': { before: contacts },
  interrupted: { before: interrupted, env: QUICK },
  recovered: { before: interrupted, env: QUICK },
  'not-yet-visible': {
    before: (rig) => {
      contacts(rig);
      rig.datadog.setFaults({ listLagMs: 6_000 });
    },
    env: QUICK,
  },

  'not-live': { before: leadsAreLive },
  'has-manifest': {
    before: async (rig) => {
      await applied(rig);
      leadsAreLive(rig);
    },
  },
  'no-manifest': {
    before: async (rig) => {
      await applied(rig);
      leadsAreLive(rig);
    },
  },
  'file-exists': {
    before: (rig) => {
      two(rig);
      leadsAreLive(rig);
      rig.write('connections/users/crm-leads.yaml', LEADS.replace('crm-leads', 'trials'));
    },
  },
  'not-importable': {
    before: (rig) => {
      leadsAreLive(rig);
      rig.datadog.seed('users', { ...LIVE_LEADS, id: 'crm/trials' });
    },
  },
  'nothing-drifted': { before: drifted },
  'not-rebuilt': { before: applied },
  rebuilt: { before: applied },

  usage: { before: applied },
  'bad-site': { before: contacts },
  'bad-address': { before: contacts },
  'bad-plan-file': { before: contacts },
  'conflicting-settings': { before: contacts },
  'bad-credentials': { before: contacts },
  'insecure-tls': { before: contacts },

  'lockfile-damaged': { before: applied },
  'lockfile-conflict': { before: conflicted },
  'lockfile-version': { before: applied },
  'journal-damaged': {
    before: async (rig) => {
      await interrupted(rig);
      const line = rig.read('connections.lock.journal');
      rig.write('connections.lock.journal', `${line.replace('create', 'delete')}${line}`);
    },
  },
  'lock-held': {
    before: (rig, which) => {
      contacts(rig);
      const mine = { pid: 4121, host: 'ci-7', user: 'ana', command: 'apply', since: Date.now(), nonce: 'n' };
      rig.write('connections.lock.lock', JSON.stringify(mine));
      if (which === 'good') setTimeout(() => rmSync(join(rig.folder, 'connections.lock.lock'), { force: true }), 1_500);
    },
  },
  'disk-failure': { before: contacts },
  'lockfile-changed': {
    before: async (rig) => {
      await applied(rig);
      rig.write('connections/users/crm-leads.yaml', LEADS);
      rig.datadog.answerNext({ method: 'POST', status: 201, where: () => recordLeadsMeanwhile(rig) });
    },
    env: QUICK,
  },
  'lockfile-deleted': {
    before: async (rig) => {
      await applied(rig);
      rig.write('connections/users/crm-leads.yaml', LEADS);
      rig.datadog.answerNext({ method: 'POST', status: 201, where: () => deleteLockfileMeanwhile(rig) });
    },
    env: QUICK,
  },
  'not-recordable': { run: notRecordable },

  'credentials-missing': { before: contacts, env: NO_KEYS },
  'credentials-rejected': { before: answering(403, { errors: ['Forbidden'] }) },
  'site-mismatch': { before: applied },
  'organisation-mismatch': {
    before: async (rig) => {
      await applied(rig);
      const lockfile = rig.read('connections.lock');
      rig.write('connections.lock', lockfile.replace(rig.datadog.organisation, '0a1b2c3d-0000-4000-8000-000000000000'));
    },
  },
  'entity-unknown': {
    before: (rig) => {
      rig.write('connections/users/crm-contacts.yaml', CONTACTS.replace('users', 'user'));
      rig.datadog.answerNext({
        where: ({ path }) => path.includes('/user/'),
        status: 404,
        body: { errors: ['Not Found'] },
        times: 20,
      });
    },
  },

  unreachable: { before: contacts },
  'invalid-response': { before: answering(200, '<html>Sign in to the hotel network</html>') },

  'delete-limit': { before: appliedThree },
  'no-manifests': { before: applied },
  takeover: {
    before: (rig) => {
      contacts(rig);
      rig.datadog.seed('users', {
        ...LIVE_LEADS,
        id: 'crm-contacts',
        fields: [{ id: 'tier', source_name: 'tier', type: 'string' }],
      });
      appendFileSync(
        join(rig.folder, 'connections/users/crm-contacts.yaml'),
        'fields:\n  - id: tier\n    source_name: tier\n    type: string\n    display_name: Tier\n',
      );
    },
    env: QUICK,
  },
  replace: { before: applied, env: QUICK },
  'protected-replace': { before: appliedProtected, env: QUICK },
  'drift-refused': { before: drifted, env: QUICK },
  'not-confirmed': { before: applied },
  'stale-checkout': { run: staleCheckout },
  'stale-plan': { before: contacts, env: QUICK },

  unexpected: {
    before: (rig, which) => {
      contacts(rig);
      rig.write('sabotage.mjs', which === 'bad' ? SABOTAGE : '');
    },
    env: { NODE_OPTIONS: '--import ./sabotage.mjs' },
  },
};

/** Simulates a bug: Node's own hashes fail. */
const SABOTAGE = `import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
crypto.createHash = () => { throw new TypeError('digest is not a function'); };
syncBuiltinESMExports();
`;

function leadsAreLive(rig: Rig): void {
  contacts(rig);
  rig.datadog.seed('users', LIVE_LEADS);
}

/** Both sides of a merge in the lockfile, with Git's markers. */
async function conflicted(rig: Rig): Promise<void> {
  await applied(rig);
  const [header = '', ours = '', theirs = ''] = rig.read('connections.lock').split('\n');
  rig.write('connections.lock', [header, '<<<<<<< HEAD', ours, '=======', theirs, '>>>>>>> crm', ''].join('\n'));
}

/** During a create, another apply records something else under its key. */
function deleteLockfileMeanwhile(rig: Rig): boolean {
  rig.datadog.seed('users', LIVE_LEADS);
  rig.remove('connections.lock');
  return true;
}

function recordLeadsMeanwhile(rig: Rig): boolean {
  rig.datadog.seed('users', LIVE_LEADS);
  const { header, records } = parseLockfile(rig.read('connections.lock'), 'connections.lock');
  const theirs = recorded('users/crm-leads');
  rig.write('connections.lock', printLockfile({ header, records: new Map([...records, [theirs.key, theirs]]) }));
  return true;
}
