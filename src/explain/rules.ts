import { JOIN, manifest, terminal, type Chapter } from './explanation.ts';

export const RULES = {
  'unsafe-id': {
    means: 'An id holds / \\ ? # % or a control character, or is . or ..',
    why: 'The id is a step in the path of a URL: such an id would lead the request to something else.',
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
    means: 'An id holds spaces, accents or other characters outside A-Z a-z 0-9 . _ -',
    why: 'Datadog takes it, but file names, shells and queries may stumble over it, and another id later is another connection.',
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
    next: 'Choose another id before the first apply; one that is live already can stay.',
  },
  'duplicate-key': {
    means: 'Two documents have the same entity and the same id. Both are told, each with the place of the other.',
    why: 'Which of the two is meant nobody knows, and the one that is applied last would win.',
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
    why: 'Each field becomes the attribute @id, and one attribute can not come from two columns.',
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
    why: 'Both become the attribute @id of that entity, and which value a profile shows is left to chance.',
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
    next: 'Rename one of them; connsync.renamed_fields keeps what is known under the old id.',
  },
  'unknown-entity': {
    means: 'The entity is not users or accounts. It may still exist in your organisation.',
    why: 'An entity that Datadog does not know ends a live run with entity-unknown.',
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
    next: 'Correct the spelling; a custom entity can stay as it is.',
  },
  'unknown-type': {
    means: 'The type of the connection is not ref_table, the only one that Datadog documents.',
    why: 'A type that Datadog does not know is refused in the middle of an apply.',
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
    next: 'Write ref_table, unless you know better than the documentation.',
  },
  'unknown-join-type': {
    means: 'The join type is not email, user_id or account_id.',
    why: 'Rows would be joined to nothing, and a join can only be changed by a replace.',
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
    why: 'A type that Datadog does not know is refused in the middle of an apply.',
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
    means: 'connsync.renamed_fields names an old id that is gone and a new one that is there.',
    why: 'The entry does nothing any more, and would surprise whoever brings a field with the old id back.',
    bad: terminal(`
$ tail -n 3 connections/users/billing.yaml
connsync:
  renamed_fields:
    tier: price_tier
$ connsync plan
! connections/users/billing.yaml:1  users/billing: the field tier is renamed to price_tier already  stale-rename
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
    means: 'The manifest consents to a replace, and there is nothing to replace.',
    why: 'Consent that is left lying about also holds for the next change, which nobody has reviewed yet.',
    bad: terminal(`
$ tail -n 2 connections/users/billing.yaml
connsync:
  allow: [replace]
$ connsync plan
! connections/users/billing.yaml:1  users/billing allows a replace, and none is needed  unused-allow
  → remove allow: [replace] so that a later change asks again
`),
    good: terminal(`
$ sed -i '/connsync:/,$d' connections/users/billing.yaml
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Delete allow: [replace] from the manifest.',
  },
} satisfies Chapter;
