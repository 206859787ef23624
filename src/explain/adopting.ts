import { terminal, type Chapter } from './explanation.ts';

export const ADOPTING = {
  'not-live': {
    means: 'You ran import or accept on a key that Datadog does not list.',
    why: 'connsync has no live connection to write a manifest from.',
    bad: terminal(`
$ connsync import users/crm-laeds
✗ users/crm-laeds is not in Datadog  not-live
  → run connsync drift to list the connections
`),
    good: terminal(`
$ connsync import users/crm-leads
`),
    next: 'Run connsync drift to list every live key.',
  },
  'has-manifest': {
    means: 'You ran import on a connection that already has a manifest. connsync skipped it.',
    why: 'A second manifest for the same key is an error, and the first one may differ from Datadog on purpose.',
    bad: terminal(`
$ connsync import users/crm-contacts
! connections/users/crm-contacts.yaml:1  users/crm-contacts already has a manifest  has-manifest
  → run connsync accept users/crm-contacts to copy Datadog's version into it
`),
    good: terminal(`
$ connsync import users/crm-leads
`),
    next: "Run connsync accept KEY to copy Datadog's version into the manifest.",
  },
  'no-manifest': {
    means: 'You ran accept on a live connection that has no manifest.',
    why: 'accept edits an existing manifest.',
    bad: terminal(`
$ connsync accept users/crm-leads
✗ users/crm-leads has no manifest  no-manifest
  → run connsync import users/crm-leads to write one
`),
    good: terminal(`
$ connsync import users/crm-leads
`),
    next: 'Run connsync import KEY to write the manifest.',
  },
  'file-exists': {
    means:
      'import would write a manifest to a path where a file already exists. It left that file unchanged and imported the rest.',
    why: "connsync did not write that file, and overwriting it could lose someone's work.",
    bad: terminal(`
$ ls connections/users
billing.yaml
crm-contacts.yaml
crm-leads.yaml
$ connsync import users/crm-leads
✗ connections/users/crm-leads.yaml  1 error
  file-exists  connections/users/crm-leads.yaml exists; connsync does not overwrite it
  → move the file away, then import again
`),
    good: terminal(`
$ mv connections/users/crm-leads.yaml connections/users/trials.yaml
$ connsync import users/crm-leads
`),
    next: 'Move the file, or write the manifest by hand.',
  },
  'not-importable': {
    means: 'Datadog has a connection, created by another tool, whose id or contents break the rules for manifests.',
    why: 'A manifest that describes it would not validate, so connsync does not manage it.',
    bad: terminal(`
$ connsync import --all
✗ can't write users/crm/trials as a manifest: id "crm/trials" contains "/", which a … would change  not-importable
  → rename the connection in Datadog, or leave it unmanaged
`),
    good: terminal(`
$ connsync import users/crm-leads
`),
    next: 'Recreate the connection in Datadog with a valid id, then import it.',
  },
  'nothing-drifted': {
    means: 'You ran accept on a connection whose live contents equal what connsync last applied.',
    why: 'You may have meant another connection.',
    bad: terminal(`
$ connsync accept users/crm-contacts
! connections/users/crm-contacts.yaml:1  users/crm-contacts has not drifted  nothing-drifted
`),
    good: terminal(`
$ connsync accept users/billing
`),
    next: 'Run connsync drift to list the connections that drifted.',
  },
  'not-rebuilt': {
    means:
      'The old lockfile recorded a connection that the rebuilt one does not: it is not live, or it has no manifest.',
    why: 'Without a record, connsync does not manage the connection, and --prune does not delete it.',
    bad: terminal(`
$ rm connections/users/billing.yaml
$ connsync state rebuild
! users/billing is no longer recorded: it has no manifest  not-rebuilt
`),
    good: terminal(`
$ connsync state rebuild
`),
    next: 'To keep managing it, restore its manifest and run connsync state rebuild again.',
  },
  rebuilt: {
    means: 'connsync rebuilt the lockfile from the live connections. Only the old lockfile knew what was last applied.',
    why: 'connsync cannot detect drift that happened before the rebuild. It treats fields that you removed from a manifest as created in Datadog.',
    bad: terminal(`
$ connsync state rebuild
! the lockfile no longer knows what was last applied: fields and values that were removed from a manifest but not yet from Datadog now count as made in Datadog, and connsync leaves them alone  rebuilt
  → run connsync plan to see the remaining changes
`),
    good: terminal(`
$ connsync state rebuild
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Run connsync plan to review the result. If Git has the old lockfile, restore that one instead.',
  },
} satisfies Chapter;
