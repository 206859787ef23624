import { JOIN, manifest, type Chapter } from './explanation.ts';

export const YAML = {
  'yaml-syntax': {
    means: 'The file breaks the rules of YAML at the place that is shown: indentation, quotes, brackets or colons.',
    why: 'Nothing behind that place can be known, so nothing of the document is.',
    bad: manifest(`
entity: users
id: "crm-contacts
${JOIN}
`),
    good: manifest(`
entity: users
id: "crm-contacts"
${JOIN}
`),
    next: 'Mend the line that is shown; quote text that holds ": " or " #", and indent with spaces.',
  },
  'yaml-depth': {
    means: 'Lists and mappings stand within each other more than 32 levels deep. A manifest needs four.',
    why: 'Such nesting is a mistake, or meant to exhaust whoever reads it.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
fields: []
`),
    next: 'Look for brackets that were never meant to be there.',
  },
  'yaml-alias': {
    means: 'An anchor (&name) or an alias (*name) stands in the file.',
    why: 'A line would change connections elsewhere in the file, and a reviewer sees only the line. Ten aliases can also stand for a billion values.',
    bad: manifest(`
entity: users
id: crm-contacts
type: ref_table
join_attribute: &mail email
join_type: *mail
`),
    good: manifest(`
entity: users
id: crm-contacts
type: ref_table
join_attribute: email
join_type: email
`),
    next: 'Write the value out at each place; text that begins with & or * needs quotes.',
  },
  'yaml-tag': {
    means: 'A tag such as !!str or !env stands before a value.',
    why: 'Tags make other types, or programs, out of text. Everything in a manifest is text, true or false.',
    bad: manifest(`
entity: users
id: !!str 2024
${JOIN}
`),
    good: manifest(`
entity: users
id: "2024"
${JOIN}
`),
    next: 'Delete the tag; where the exclamation mark belongs to the text, quote it.',
  },
  'yaml-merge-key': {
    means: 'The name << stands in a mapping, which older YAML takes for: merge another mapping in here.',
    why: 'YAML 1.2 knows no merging, so tools disagree about what such a file says.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  <<: { source: crm }
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  source: crm
`),
    next: 'Write out what it would merge.',
  },
  'yaml-version': {
    means: 'The file asks for another version of YAML. It is read by the rules of 1.2 all the same.',
    why: 'Who wrote the line expects yes, no and 0o17 to be read otherwise than they are.',
    bad: manifest(`
%YAML 1.1
---
entity: users
id: crm-contacts
${JOIN}
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Delete the directive.',
  },
  'duplicate-property': {
    means: 'One mapping has the same name twice.',
    why: 'Most YAML tools silently keep the last, so one of the two lines would do nothing.',
    bad: manifest(`
entity: users
id: crm-contacts
id: crm-leads
${JOIN}
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Delete one of the two lines.',
  },
  'lone-surrogate': {
    means: 'A text holds one half of a pair of code units, such as \\uD83D without its other half.',
    why: 'JSON can not carry it to Datadog: it would arrive as a replacement character.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  label: "\\uD83D"
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  label: "\\U0001F680"
`),
    next: 'Write the whole character itself, or \\U and its eight hex digits.',
  },
  'ambiguous-scalar': {
    means: 'A plain word is text to connsync, but true, false, a number or a date to tools that still read YAML 1.1.',
    why: 'Another tool over the same files would read, or write back, something else.',
    bad: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  country: no
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
metadata:
  country: "no"
`),
    next: 'Put quotes around it.',
  },
} satisfies Chapter;
