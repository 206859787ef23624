import { JOIN, manifest, settings, type Chapter } from './explanation.ts';

export const SCHEMA = {
  'unknown-property': {
    means: 'A name stands where the schema knows no such name. The nearest one that it knows is suggested.',
    why: 'A misspelt name that is silently left out would remove what it was meant to set.',
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
    next: 'Correct the name; connsync schema prints every name that is allowed.',
  },
  'missing-property': {
    means: 'A connection needs entity, id, type, join_attribute and join_type; a field needs id, source_name and type.',
    why: 'Datadog refuses a connection without them, and then only in the middle of an apply.',
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
    means: 'Text, a list, a mapping, or true or false is asked for, and something else stands there.',
    why: 'An unquoted 0123 is a number to YAML and loses its zero; Datadog knows such values as text only.',
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
    next: 'Write the value as the message shows it, mostly with quotes.',
  },
  'not-allowed': {
    means: 'Only some values can stand there, and this is none of them.',
    why: 'A consent or a setting that nobody understands would look as if it were in force.',
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
    means: 'A text or list is empty where it must not be, or longer than Datadog takes.',
    why: 'An empty name is almost always one that was meant to be filled in.',
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
    next: 'Give it a value, or delete the line.',
  },
  'bad-value': {
    means: 'The value has the right type and the wrong form, such as a percentage without its sign.',
    why: 'A limit that is read otherwise than it was meant protects nothing.',
    bad: settings(`
version: 1
max_deletes: a third
`),
    good: settings(`
version: 1
max_deletes: 30%
`),
    next: 'Write it in the form that the message shows.',
  },
  'forbidden-name': {
    means: 'The name is __proto__, constructor or prototype.',
    why: 'JavaScript gives these names a meaning of its own: programs that copy such a mapping can be taken over by it.',
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
    means: 'connsync fmt would order or space the file otherwise. Only connsync fmt --check tells this.',
    why: 'One form for all manifests keeps diffs to what changed.',
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
    next: 'Run connsync fmt and commit what it changed; comments are kept.',
  },
} satisfies Chapter;
