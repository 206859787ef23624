import { JOIN, manifest, settings, type Chapter } from './explanation.ts';

export const SCHEMA = {
  'unknown-property': {
    means: 'The file contains a name that the schema does not allow. connsync suggests the most similar one.',
    why: 'Ignoring a misspelled name would remove the setting that it was meant to set.',
    bad: manifest(`
entity: users
id: crm-contacts
type: ref_table
join_atribute: user_email
join_type: email
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Correct the name. connsync schema prints every allowed name.',
  },
  'missing-property': {
    means:
      'A connection requires entity, id, type, join_attribute and join_type; a field requires id, source_name and type.',
    why: 'Datadog rejects a connection without them, but only in the middle of an apply.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields:
  - id: customer_tier
    type: string
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields:
  - id: customer_tier
    source_name: subscription_tier
    type: string
`),
    next: 'Add the line that the message names.',
  },
  'wrong-type': {
    means: 'The value has the wrong type. The message names the required type, for example text or a list.',
    why: 'YAML reads an unquoted 0123 as a number and drops the zero; Datadog stores such values only as text.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  cost_center: 0123
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  cost_center: "0123"
`),
    next: 'Write the value as the message shows it; usually it needs quotes.',
  },
  'not-allowed': {
    means: 'The value is not one of the allowed ones.',
    why: 'A permission or setting that connsync does not understand would look as if it were in effect.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
connsync:
  allow: [delete]
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
connsync:
  allow: [replace]
`),
    next: 'Use one of the values that the message lists.',
  },
  'bad-length': {
    means: 'A text or list is empty where a value is required, or longer than Datadog accepts.',
    why: 'An empty name is almost always a placeholder that was not filled in.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
connsync:
  owner: ""
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
connsync:
  owner: team-growth
`),
    next: 'Set a value, or delete the line.',
  },
  'bad-value': {
    means: 'The value has the right type but the wrong format, such as a percentage without its sign.',
    why: 'A limit that connsync misreads protects nothing.',
    bad: settings(`
version: 1
max_deletes: a third
`),
    good: settings(`
version: 1
max_deletes: 30%
`),
    next: 'Write it in the format that the message shows.',
  },
  'forbidden-name': {
    means: 'The name is __proto__, constructor or prototype.',
    why: 'These names have a special meaning in JavaScript, and can be used to attack programs that copy such a mapping.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  constructor: crm
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  built_by: crm
`),
    next: 'Use another name.',
  },
  unformatted: {
    means: 'connsync fmt would order or format the file differently. Only connsync fmt --check reports this.',
    why: 'With one format for all manifests, diffs show only real changes.',
    bad: manifest(`
id:   crm-contacts
entity: users
${JOIN}
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Run connsync fmt and commit the result. It keeps comments.',
  },
} satisfies Chapter;
