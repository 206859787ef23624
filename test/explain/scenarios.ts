import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Intent } from '../../src/core/ports.ts';
import { printLine } from '../../src/state/journal-text.ts';
import type { Rig } from '../rig/rig.ts';

const JOIN = 'type: ref_table\njoin_attribute: user_email\njoin_type: email\n';
const FIELD = '    type: string\n    display_name: plan\n';

export const CONTACTS = `entity: users\nid: crm-contacts\n${JOIN}`;
export const BILLING = `entity: users\nid: billing\n${JOIN}fields:\n  - id: price_tier\n    source_name: tier\n${FIELD}`;
const PROTECTED = `${BILLING}connsync:\n  owner: team-growth\n  protect: true\n`;
export const LEADS = `entity: users\nid: crm-leads\n${JOIN}`;
const TRIALS = `entity: users\nid: trials\n${JOIN}`;

/** Datadog's list of the connections above, as another author would have created them. */
export const LIVE_LEADS = { id: 'crm-leads', type: 'ref_table', join_attribute: 'user_email', join_type: 'email' };

export function contacts(rig: Rig): void {
  rig.write('connections/users/crm-contacts.yaml', CONTACTS);
  rig.write('shared/leads.yaml', LEADS);
}

export function two(rig: Rig): void {
  contacts(rig);
  rig.write('connections/users/billing.yaml', BILLING);
}

/** Two applied connections, in a repository where they are committed. */
export async function applied(rig: Rig): Promise<void> {
  two(rig);
  await apply(rig);
  const git = (...args: readonly string[]): unknown => execFileSync('git', args, { cwd: rig.folder, stdio: 'ignore' });
  git('init');
  git('add', '.');
  git('-c', 'user.name=ana', '-c', 'user.email=ana@acme.example', 'commit', '-m', 'Apply');
}

export async function appliedThree(rig: Rig): Promise<void> {
  two(rig);
  rig.write('connections/users/trials.yaml', TRIALS);
  await apply(rig);
}

export async function appliedProtected(rig: Rig): Promise<void> {
  contacts(rig);
  rig.write('connections/users/billing.yaml', PROTECTED);
  await apply(rig);
}

/** Another user changed users/billing in Datadog. */
export async function drifted(rig: Rig): Promise<void> {
  await applied(rig);
  rig.datadog.edit('users', 'billing', (connection) => ({
    ...connection,
    fields: connection.fields.map((field) => ({ ...field, display_name: 'Price tier' })),
  }));
}

/** Appends a connsync block to an applied manifest. */
export function withBlock(block: string): (rig: Rig) => Promise<void> {
  return async (rig) => {
    await applied(rig);
    appendFileSync(join(rig.folder, 'connections/users/billing.yaml'), `connsync:\n${block}`);
  };
}

/** Two records of one connection, as a union merge leaves them. */
export async function conflicting(rig: Rig): Promise<void> {
  await applied(rig);
  const before = rig.read('connections.lock').split('\n');
  rig.write('connections/users/billing.yaml', BILLING.replace('plan', 'Plan'));
  await apply(rig);
  const line = before.find((each) => each.includes('"users/billing"')) ?? '';
  appendFileSync(join(rig.folder, 'connections.lock'), `${line}\n`);
}

/** The journal of an apply that was killed after Datadog received its create. */
export async function interrupted(rig: Rig): Promise<void> {
  await applied(rig);
  rig.datadog.seed('users', LIVE_LEADS);
  const { id: _, ...spec } = LIVE_LEADS;
  const intent = {
    op: 'create',
    key: 'users/crm-leads',
    digest: 'd',
    target: { site: 'datadoghq.com' },
    after: spec,
    record: { key: 'users/crm-leads', spec },
  } as unknown as Intent;
  rig.write('connections/users/crm-leads.yaml', LEADS);
  rig.write('connections.lock.journal', printLine({ seq: 1, t: Date.now(), state: 'intent', intent }));
}

/** Scripts Datadog's list responses; good examples don't use it. */
export function answering(status: number, body: object | string): (rig: Rig, which: 'bad' | 'good') => Promise<void> {
  return async (rig, which) => {
    await applied(rig);
    if (which === 'bad')
      rig.datadog.answerNext({ where: ({ path }) => path.endsWith('/connections'), status, body, times: 20 });
  };
}

export async function apply(rig: Rig): Promise<void> {
  const ended = await rig.live('apply', { env: { CONNSYNC_SETTLE_MS: '300' } });
  expect(ended.exitCode, ended.stderr).toBe(0);
}
