import { terminal, type Chapter } from './explanation.ts';

export const ADOPTING = {
  'not-live': {
    means: 'import or accept was given a key that Datadog does not list.',
    why: 'There is nothing to write a manifest from.',
    bad: terminal(`
$ connsync import users/crm-laeds
✗ users/crm-laeds is not in Datadog  not-live
  → connsync drift lists what is
`),
    good: terminal(`
$ connsync import users/crm-leads
`),
    next: 'connsync drift lists every key that is live.',
  },
  'has-manifest': {
    means: 'import was given a connection that a manifest describes already. It was left out.',
    why: 'A second manifest for one key would be an error, and the first may say something else on purpose.',
    bad: terminal(`
$ connsync import users/crm-contacts
! connections/users/crm-contacts.yaml:1  users/crm-contacts has a manifest already  has-manifest
  → connsync accept users/crm-contacts copies Datadog's version into it
`),
    good: terminal(`
$ connsync import users/crm-leads
`),
    next: "To take Datadog's version over: connsync accept KEY.",
  },
  'no-manifest': {
    means: 'accept was given a connection that is live and has no manifest.',
    why: 'accept edits a manifest, and there is none to edit.',
    bad: terminal(`
$ connsync accept users/crm-leads
✗ users/crm-leads has no manifest to accept anything into  no-manifest
  → connsync import users/crm-leads writes one
`),
    good: terminal(`
$ connsync import users/crm-leads
`),
    next: 'Write one with connsync import KEY.',
  },
  'file-exists': {
    means: 'import would write a manifest where a file stands already. It was left alone, and the rest imported.',
    why: 'Whatever stands in that file was written by somebody.',
    bad: terminal(`
$ ls connections/users
billing.yaml
crm-contacts.yaml
crm-leads.yaml
$ connsync import users/crm-leads
✗ connections/users/crm-leads.yaml  1 error
  file-exists  connections/users/crm-leads.yaml exists, and is not overwritten
  → move it away, then import again
`),
    good: terminal(`
$ mv connections/users/crm-leads.yaml connections/users/trials.yaml
$ connsync import users/crm-leads
`),
    next: 'Move the file, or write the manifest by hand.',
  },
  'not-importable': {
    means: 'Datadog has a connection, made by another tool, whose id or contents break the rules of a manifest.',
    why: 'A manifest that describes it would not validate, so connsync leaves it to whoever made it.',
    bad: terminal(`
$ connsync import --all
✗ users/crm/trials can not be written as a manifest: id "crm/trials" holds "/", which a … would bend  not-importable
  → rename it in Datadog, or leave it unmanaged
`),
    good: terminal(`
$ connsync import users/crm-leads
`),
    next: 'Make it anew in Datadog with a plain id, then import that one.',
  },
  'nothing-drifted': {
    means: 'accept was given a connection whose live contents are what was last applied.',
    why: 'It may be another connection that you mean.',
    bad: terminal(`
$ connsync accept users/crm-contacts
! connections/users/crm-contacts.yaml:1  users/crm-contacts did not drift  nothing-drifted
`),
    good: terminal(`
$ connsync accept users/billing
`),
    next: 'connsync drift says which ones drifted.',
  },
  'not-rebuilt': {
    means:
      'A connection was recorded, and the lockfile that was made anew has it no more: it is not live, or no manifest names it.',
    why: 'Without its record it is not ours any more, and no prune deletes it.',
    bad: terminal(`
$ rm connections/users/billing.yaml
$ connsync state rebuild
! users/billing was recorded, and is not any more: no manifest names it  not-rebuilt
`),
    good: terminal(`
$ connsync state rebuild
`),
    next: 'Put its manifest back and rebuild again if it is still to be managed.',
  },
  rebuilt: {
    means: 'The lockfile was made anew from what is live. What was last applied stood only in the old one.',
    why: 'Drift from before can not be told from what was applied. Fields that a manifest dropped count as made in Datadog.',
    bad: terminal(`
$ connsync state rebuild
! what was last applied is not known: a field or value that was removed from a manifest before its last apply now counts as made in Datadog, and is left alone  rebuilt
  → connsync plan says what is left to do
`),
    good: terminal(`
$ connsync state rebuild
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Look at connsync plan; where Git has the old lockfile, prefer that one.',
  },
} satisfies Chapter;
