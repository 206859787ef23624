import { JOIN, manifest, type Chapter } from './explanation.ts';

export const YAML = {
  'yaml-syntax': {
    means: 'The file is not valid YAML at the marked position: check indentation, quotes, brackets and colons.',
    why: 'connsync cannot interpret anything after that position, so it skips the whole document.',
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
    next: 'Fix the marked line. Quote text that contains ": " or " #", and indent with spaces.',
  },
  'yaml-depth': {
    means: 'Lists and mappings are nested more than 32 levels deep. A manifest needs four.',
    why: 'Such nesting is a mistake, or an attempt to exhaust the parser.',
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
    next: 'Remove the extra brackets.',
  },
  'yaml-alias': {
    means: 'The file contains an anchor (&name) or an alias (*name).',
    why: "Changing one line would change connections elsewhere in the file, out of a reviewer's sight. Ten aliases can also expand to a billion values.",
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
    next: 'Repeat the value wherever you use it, and quote text that begins with & or *.',
  },
  'yaml-tag': {
    means: 'A value has a tag such as !!str or !env.',
    why: 'Tags turn text into other types, or run programs. Everything in a manifest is text, true or false.',
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
    next: 'Delete the tag. If the exclamation mark belongs to the text, quote it.',
  },
  'yaml-merge-key': {
    means: 'A mapping contains the name <<, which older YAML uses to merge another mapping.',
    why: 'YAML 1.2 has no merge keys, so tools interpret such a file differently.',
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
    next: 'Write the merged values into the mapping itself.',
  },
  'yaml-version': {
    means: 'The file requests another version of YAML. connsync reads it by the rules of 1.2.',
    why: 'The author of that line may expect 1.1 rules for values such as yes, no and 0o17.',
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
    why: 'Most YAML tools silently keep the last value, so one of the two lines would have no effect.',
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
    means: 'A text contains half of a surrogate pair, such as \\uD83D without its other half.',
    why: 'JSON cannot represent it: Datadog would receive a replacement character.',
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
    next: 'Write the character itself, or \\U and its eight hex digits.',
  },
  'ambiguous-scalar': {
    means:
      'An unquoted word is text to connsync, but true, false, a number or a date to tools that use YAML 1.1. Or a # in unquoted text, as in Tier #1, starts a comment, and the value ends before it.',
    why: 'Another tool could read a different value from the same file, or write one back.',
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
