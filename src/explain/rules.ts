import { JOIN, manifest, terminal, type Chapter } from './explanation.ts';

export const RULES = {
  'unsafe-id': {
    means: 'An id contains / \\ ? # % or a control character, or is . or ..',
    why: 'The id is a segment of a URL path, and such an id would change the target of the request.',
    bad: manifest(`
entity: users
id: crm/contacts
${JOIN}
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Use letters, digits, dot, underscore and hyphen.',
  },
  'unusual-id': {
    means: 'An id contains spaces, accents or other characters outside A-Z a-z 0-9 . _ -',
    why: 'Datadog accepts it, but it can cause problems in file names, shells and queries, and changing the id later creates another connection.',
    bad: manifest(`
entity: users
id: crm contacts
${JOIN}
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Choose another id before the first apply. Keep the id of a connection that is already live.',
  },
  'duplicate-key': {
    means: 'Two documents have the same entity and id. connsync reports both, each with the location of the other.',
    why: 'connsync cannot know which one you mean, and the one applied last would win.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
---
entity: users
id: crm-contacts
${JOIN}
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
---
entity: users
id: crm-leads
${JOIN}
`),
    next: 'Delete one of them, or give it another id.',
  },
  'duplicate-field': {
    means: 'Two fields of one connection have the same id.',
    why: 'Each field becomes the attribute @id, and one attribute cannot come from two columns.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields:
  - id: tier
    source_name: subscription_tier
    type: string
  - id: tier
    source_name: support_tier
    type: string
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields:
  - id: tier
    source_name: subscription_tier
    type: string
  - id: support_tier
    source_name: support_tier
    type: string
`),
    next: 'Give one of them another id, or delete it.',
  },
  'shared-field': {
    means: 'Two connections of one entity have a field with the same id.',
    why: 'Both become the attribute @id of that entity, and it is undefined which value a profile shows.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields:
  - id: tier
    source_name: subscription_tier
    type: string
---
entity: users
id: billing
${JOIN}
fields:
  - id: tier
    source_name: price_tier
    type: string
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields:
  - id: tier
    source_name: subscription_tier
    type: string
---
entity: users
id: billing
${JOIN}
fields:
  - id: price_tier
    source_name: price_tier
    type: string
`),
    next: 'Rename one of them. connsync.renamed_fields links the new id to the old one.',
  },
  'unknown-entity': {
    means: 'The entity is not users or accounts. It may still exist in your organisation.',
    why: 'A live run over an entity that Datadog does not know fails with entity-unknown.',
    bad: manifest(`
entity: user
id: crm-contacts
${JOIN}
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Correct the spelling. A custom entity can stay as it is.',
  },
  'unknown-type': {
    means: 'The type of the connection is not ref_table, the only type that Datadog documents.',
    why: 'Datadog rejects an unknown type in the middle of an apply.',
    bad: manifest(`
entity: users
id: crm-contacts
type: reftable
join_attribute: user_email
join_type: email
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Write ref_table, unless you are sure that Datadog supports this type.',
  },
  'unknown-join-type': {
    means: 'The join type is not email, user_id or account_id.',
    why: 'Rows would not be joined to anything, and connsync can change a join only with a replace.',
    bad: manifest(`
entity: users
id: crm-contacts
type: ref_table
join_attribute: user_email
join_type: mail
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Use one of the three.',
  },
  'unknown-field-type': {
    means: 'The type of a field is not string or number.',
    why: 'Datadog rejects an unknown type in the middle of an apply.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields:
  - id: seats
    source_name: seat_count
    type: integer
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields:
  - id: seats
    source_name: seat_count
    type: number
`),
    next: 'Write string or number.',
  },
  'stale-rename': {
    means: 'connsync.renamed_fields maps an old id that no longer exists to a new one that already does.',
    why: 'The entry has no effect now, but it would rename a field that you add later with the old id.',
    bad: terminal(`
$ tail -n 3 connections/users/billing.yaml
connsync:
  renamed_fields:
    tier: price_tier
$ connsync plan
! connections/users/billing.yaml:1  users/billing: the field tier is already renamed to price_tier  stale-rename
  → remove tier from renamed_fields
`),
    good: terminal(`
$ sed -i '/connsync:/,$d' connections/users/billing.yaml
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Delete the entry from the manifest.',
  },
  'unused-allow': {
    means: 'The manifest allows a replace, but none is needed.',
    why: 'A leftover allow also permits the next replace, which has not been reviewed.',
    bad: terminal(`
$ tail -n 2 connections/users/billing.yaml
connsync:
  allow: [replace]
$ connsync plan
! connections/users/billing.yaml:1  users/billing allows a replace but needs none  unused-allow
  → remove allow: [replace], so that a later replace needs consent again
`),
    good: terminal(`
$ sed -i '/connsync:/,$d' connections/users/billing.yaml
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Delete allow: [replace] from the manifest.',
  },
} satisfies Chapter;
