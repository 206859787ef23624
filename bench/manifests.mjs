import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SEED = 20_260_101;

/**
 * Writes valid manifests to `folder`, in one subfolder per entity. They resemble those in `connections/` in size and shape, and no
 * two have the same key or field id. The same number gives the same bytes on every machine.
 */
export function writeManifests(folder, count) {
  const random = mulberry32(SEED);
  for (const { entity } of ENTITIES) mkdirSync(join(folder, entity), { recursive: true });
  for (let number = 1; number <= count; number++) {
    const { entity, id, text } = manifest(number, random);
    writeFileSync(join(folder, entity, `${id}.yaml`), text);
  }
}

const ENTITIES = [
  {
    entity: 'users',
    joins: [
      { attribute: 'user_email', type: 'email' },
      { attribute: 'user_id', type: 'user_id' },
    ],
  },
  { entity: 'accounts', joins: [{ attribute: 'account_id', type: 'account_id' }] },
];
const SOURCES = [
  'crm',
  'billing',
  'support',
  'warehouse',
  'onboarding',
  'marketing',
  'surveys',
  'contracts',
  'learning',
];
const TEAMS = ['team-growth', 'team-billing', 'team-revenue-operations', 'team-support', 'team-data-platform'];
const GROUPS = ['Commercial', 'Billing', 'Growth', 'Product', 'Success', 'Company'];
const COLUMNS = [
  { name: 'plan', type: 'string', title: 'Plan', about: 'Plan of the current subscription' },
  { name: 'tier', type: 'string', title: 'Customer Tier', about: 'Customer subscription tier from `CRM`' },
  { name: 'seats', type: 'number', title: 'Seats', about: 'Seats paid for' },
  { name: 'mrr_usd', type: 'number', title: 'MRR', about: 'Monthly recurring revenue in `USD`' },
  { name: 'segment', type: 'string', title: 'Segment', about: 'Market segment as sales sees it' },
  { name: 'renewal_date', type: 'string', title: 'Renewal date', about: 'Day of the next renewal, as `YYYY-MM-DD`' },
  { name: 'open_tickets', type: 'number', title: 'Open tickets', about: 'Tickets that have no response so far' },
  {
    name: 'satisfaction',
    type: 'number',
    title: 'Satisfaction',
    about: '"From 1 to 5: the mean of the last ten answers"',
  },
  { name: 'stage', type: 'string', title: 'Onboarding stage', about: 'signed-up, invited, activated or stalled' },
  { name: 'score', type: 'number', title: 'Activation score', about: 'From 0 to 100; above 60 counts as activated' },
  { name: 'country', type: 'string', title: 'Country', about: 'Country of the headquarters, ISO 3166 code' },
  { name: 'industry', type: 'string', title: "'Industry (NACE)'", about: 'Industry, as the register has it' },
];

function manifest(number, random) {
  const { entity, joins } = pick(ENTITIES, random);
  const join = pick(joins, random);
  const source = pick(SOURCES, random);
  const id = `${source}-${String(number).padStart(5, '0')}`;
  const lines = [
    '# yaml-language-server: $schema=../../schemas/connection.schema.json',
    `# From ${source}, refreshed every night.`,
    `entity: ${entity}`,
    `id: ${id}`,
    'type: ref_table',
    `join_attribute: ${join.attribute}`,
    `join_type: ${join.type}`,
    'fields:',
    ...fields(id.replace('-', '_'), random),
    ...(chance(0.3, random) ? ['metadata:', `  source: ${source}`, '  refreshed: nightly'] : []),
    'connsync:',
    ...(chance(0.1, random) ? ['  protect: true'] : []),
    `  owner: ${pick(TEAMS, random)}`,
  ];
  return { entity, id, text: `${lines.join('\n')}\n` };
}

/** Returns three to eight different columns, most often three. The prefix makes their ids unique across connections. */
function fields(prefix, random) {
  const first = Math.floor(random() * COLUMNS.length);
  const count = 3 + Math.floor(6 * random() ** 3);
  return Array.from({ length: count }, (_, index) => COLUMNS[(first + index) % COLUMNS.length]).flatMap(
    ({ name, type, title, about }) => [
      `  - id: ${prefix}_${name}`,
      `    source_name: ${name}`,
      `    type: ${type}`,
      `    display_name: ${title}`,
      ...(chance(0.8, random) ? [`    description: ${about}`] : []),
      ...(chance(0.8, random) ? [`    groups: [${groups(random)}]`] : []),
    ],
  );
}

function groups(random) {
  const first = pick(GROUPS, random);
  return chance(0.3, random) ? `${first}, Shared` : first;
}

function pick(list, random) {
  return list[Math.floor(random() * list.length)];
}

function chance(share, random) {
  return random() < share;
}

/** Returns a generator of pseudo-random numbers from 0 to below 1. The same seed gives the same numbers. */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
