// Creates a folder that contains every state the status page can show, for the screenshots.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DATA = '.connsync/local/connections.json';

/** Additional connections that are in sync. */
/** @type {readonly (readonly [string, string, readonly string[]])[]} */
const FURTHER = [
  ['accounts/contracts', 'account_id', ['renewal_date', 'tier', 'seats_signed']],
  ['accounts/intent-signals', 'account_id', ['intent_score', 'topic']],
  ['accounts/support-plan', 'account_id', ['plan', 'response_hours']],
  ['users/newsletter', 'email', ['subscribed', 'last_opened']],
  ['users/nps-survey', 'email', ['nps_score', 'answered']],
  ['users/old-trial', 'email', ['trial_ends']],
  ['users/sso-directory', 'email', ['department', 'manager', 'office']],
  ['users/training', 'user_id', ['certified', 'course']],
  ['users/webinar', 'email', ['attended']],
];

/** Fills the folder. `run` runs a connsync command in it. */
export function stage(folder, run) {
  const at = (file) => join(folder, file);
  const write = (file, text) => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), text);
  };
  const edit = (file, ...changes) => {
    const before = readFileSync(at(file), 'utf8');
    const after = changes.reduce((text, [from, to]) => text.replace(from, () => to), before);
    if (after === before) throw new Error(`${file} doesn't contain the text to change`);
    writeFileSync(at(file), after);
  };

  cpSync('connections', at('connections'), { recursive: true });
  for (const [key, join, fields] of FURTHER) write(`connections/${key}.yaml`, manifest(key, join, fields));
  run('apply', '--site', 'local', '--yes', '--quiet');

  // Changes made in Datadog.
  const data = JSON.parse(readFileSync(at(DATA), 'utf8'));
  const touch = (key, change) => {
    const [entity, id] = key.split('/');
    const connection = data.entities[entity].find((each) => each.id === id);
    change(connection);
    Object.assign(connection, { updated_at: '2026-11-20T14:02:11.000Z', updated_by: 'ana@acme.example' });
  };
  touch('accounts/firmographics', ({ fields }) => {
    for (const field of fields) {
      if (field.id === 'arr') field.description = 'Annual revenue in `EUR`, from the spring export';
      if (field.id === 'industry') field.display_name = 'Sector';
    }
  });
  data.entities.users = data.entities.users.filter(({ id }) => id !== 'webinar');
  data.entities.users.push({
    ...data.entities.users[0],
    id: 'segment-sync',
    created_by: 'ben@acme.example',
    updated_by: 'ben@acme.example',
  });
  writeFileSync(at(DATA), JSON.stringify(data));

  // Changes in Git since the last apply.
  edit(
    'connections/users/billing.yaml',
    ['display_name: Plan', 'display_name: Subscription plan'],
    ['groups: [Billing]', 'groups: [Billing, Growth]'],
  );
  edit('connections/users/training.yaml', ['join_attribute: user_id', 'join_attribute: usr_id']);
  write(
    'connections/users/crm-contacts.yaml',
    manifest('users/crm-contacts', 'email', ['tier', 'csm_owner', 'mrr_usd']),
  );
  rmSync(at('connections/users/old-trial.yaml'));
}

/** Makes a manifest invalid. */
export function breakOne(folder) {
  const file = join(folder, 'connections/users/newsletter.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('join_attribute:', 'join_atribute:'));
}

/** Returns how to run connsync in the folder: with a fixed clock, and without this machine's environment. */
export function command(cli, folder, now) {
  const env = {
    PATH: process.env.PATH,
    FIXED_NOW: now,
    NODE_OPTIONS: `--import=${join(import.meta.dirname, 'fixed-clock.mjs')}`,
  };
  return {
    options: { cwd: folder, env },
    run: (...args) => execFileSync(process.execPath, [cli, ...args], { cwd: folder, env }),
  };
}

function manifest(key, joinType, fields) {
  const [entity, id] = key.split('/');
  const attribute = { email: 'user_email', user_id: 'user_id', account_id: 'account_id' }[joinType];
  const list = fields.map(
    (field) =>
      `  - id: ${field}\n    source_name: ${field}\n    type: ${/score|hours|seats|mrr/.test(field) ? 'number' : 'string'}\n`,
  );
  return `entity: ${entity}\nid: ${id}\ntype: ref_table\njoin_attribute: ${attribute}\njoin_type: ${joinType}\nfields:\n${list.join('')}`;
}
