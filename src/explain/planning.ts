import { terminal, type Chapter } from './explanation.ts';

export const PLANNING = {
  normalised: {
    means:
      'After an apply, Datadog returns a label, a description, groups or a metadata value in another form than connsync sent: for example trimmed, or in lower case.',
    why: 'connsync records the difference in the lockfile. Otherwise every plan would send the same value again.',
    bad: terminal(`
$ sed -i 's/: plan$/: "My plan "/' connections/users/billing.yaml
$ connsync apply --yes
! connections/users/billing.yaml:1  Datadog changed the values of users/billing: fields[price_tier].display_name is now "My plan"  normalised
  → use Datadog's value in the manifest; until then connsync leaves it unchanged
`),
    good: terminal(`
$ sed -i 's/: plan$/: Plan/' connections/users/billing.yaml
$ connsync apply --yes
Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
`),
    next: 'Change the manifest to the value that Datadog stores.',
  },
  drift: {
    means: 'The live connection differs from what was last applied, and this run leaves it unchanged.',
    why: 'Someone changed it in Datadog. The next apply may revert that change, so talk to them first.',
    bad: terminal(`
$ connsync plan --on-drift keep
! connections/users/billing.yaml:1  users/billing was changed outside Git: it differs from its manifest in 1 of its values; connsync leaves it unchanged  drift
  → run connsync drift to see the change, or connsync accept users/billing to copy it into the manifest
`),
    good: terminal(`
$ connsync accept users/billing
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Run connsync drift, then accept the change, or revert it with connsync apply.',
  },
  orphan: {
    means: 'connsync applied the connection before, its manifest no longer exists, and this run does not prune.',
    why: 'The connection still exists in Datadog, but it is no longer maintained in Git.',
    bad: terminal(`
$ rm connections/users/billing.yaml
$ connsync plan
! users/billing is in the lockfile and in Datadog but has no manifest; connsync leaves it unchanged  orphan
  → delete it with --prune, or stop managing it with connsync state rm users/billing
`),
    good: terminal(`
$ rm connections/users/billing.yaml
$ connsync plan --prune
Plan: 0 to add, 0 to change, 1 to destroy. 1 unchanged.
`),
    next: 'Delete it with connsync apply --prune, or stop managing it with connsync state rm KEY.',
  },
  protected: {
    means:
      'The manifest of a connection no longer exists, but the lockfile says that it is protected, so --prune does not delete it.',
    why: 'protect: true guards against a manifest that was deleted by mistake.',
    bad: terminal(`
$ rm connections/users/billing.yaml
$ connsync plan --prune
! users/billing has no manifest but is protected; connsync leaves it unchanged  protected
  → restore its manifest without protect, apply, then remove the manifest
`),
    good: terminal(`
$ sed -i '/protect/d' connections/users/billing.yaml
$ connsync apply --yes
$ rm connections/users/billing.yaml
$ connsync plan --prune
Plan: 0 to add, 0 to change, 1 to destroy. 1 unchanged.
`),
    next: 'To delete it anyway, restore its manifest without protect, apply, and then remove the manifest.',
  },
  'conflicting-records': {
    means: 'Two branches recorded different contents for one connection, and a merge kept both lines.',
    why: 'connsync does not know which contents were applied last, so an offline plan cannot compare the connection.',
    bad: terminal(`
$ connsync plan --offline
! the lockfile has two different records for users/billing, so its last applied values are unknown; connsync plans nothing for it offline  conflicting-records
  → run connsync plan with credentials to compare it with Datadog
`),
    good: terminal(`
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Plan and apply with credentials: the live connection resolves the conflict.',
  },
  'prune-off': {
    means: 'The lockfile was written by a run that read different folders from this one.',
    why: 'A connection without a manifest here may have one in a folder that was not read, so connsync deletes nothing.',
    bad: terminal(`
$ connsync plan --dir shared --lockfile connections.lock --prune
! connections.lock records the folders connections, but this run reads shared; connsync does not prune  prune-off
  → pass the recorded folders with --dir to prune
`),
    good: terminal(`
$ connsync plan --dir connections --prune
No changes. 2 unchanged.
`),
    next: 'Prune over all the folders that the lockfile lists, or use a separate --lockfile for these folders.',
  },
  'matches-nothing': {
    means: 'A glob of --target or --exclude matches no connection in a manifest, in the lockfile or in Datadog.',
    why: 'A target with a typo selects nothing, and an apply without actions looks like a success.',
    bad: terminal(`
$ connsync plan --target users/crm-contact
! --target users/crm-contact matches no connection  matches-nothing
  → did you mean "users/crm-contacts"?
`),
    good: terminal(`
$ connsync plan --target 'users/*'
No changes. 2 unchanged.
`),
    next: 'Correct the glob. A key is entity/id; * matches any text without a slash, ** matches any text.',
  },
  'watch-incomplete': {
    means: 'The operating system has no file watches left, or does not support them on this disk.',
    why: 'connsync would miss a save in a folder that it cannot watch, and the displayed plan would be outdated.',
    bad: terminal(`
$ connsync watch --offline
…  ! can't watch every file: ENOSPC: System limit for number of file watchers reached  watch-incomplete
            → on Linux raise fs.inotify.max_user_watches; until then, press r after a save, or restart connsync watch
`),
    good: terminal(`
$ sudo sysctl fs.inotify.max_user_watches=524288
$ connsync watch --offline
`),
    next: 'On Linux, run sudo sysctl fs.inotify.max_user_watches=524288. Until then, press r after each save.',
  },
  'incomplete-credentials': {
    means: 'Only one of DD_API_KEY and DD_APP_KEY is set. connsync compares with the lockfile alone.',
    why: 'Usually one of the names is misspelled, and you expected a live plan.',
    bad: terminal(`
$ unset DD_APP_KEY
$ connsync plan
! DD_API_KEY is set and DD_APP_KEY is not, so this plan is offline  incomplete-credentials
  → set DD_APP_KEY too, or add --offline
`),
    good: terminal(`
$ unset DD_APP_KEY
$ connsync plan --offline
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Set both, or neither. connsync doctor shows what it found.',
  },
  interrupted: {
    means: 'The journal next to the lockfile contains requests whose outcome is unknown.',
    why: 'A process was killed, or another apply is running. The live state is unknown until an apply checks it.',
    bad: terminal(`
$ connsync plan
! an apply with connections.lock was interrupted or is still running; unknown outcome: users/crm-leads  interrupted
  → run connsync apply; it checks what happened and completes interrupted actions
`),
    good: terminal(`
$ connsync apply --yes
$ connsync plan
No changes. 3 unchanged.
`),
    next: 'Run connsync apply: it checks the outcome of those requests, then finishes the interrupted changes.',
  },
  recovered: {
    means:
      'This apply found the journal of an interrupted one, checked its requests in Datadog, and recorded or finished them.',
    why: 'connsync reports this because these actions were not in any plan you saw.',
    bad: terminal(`
$ connsync apply --yes
! connsync was interrupted earlier: the create of users/crm-leads succeeded and is now recorded  recovered
  → run connsync plan --target 'users/*' to see what remains
`),
    good: terminal(`
$ connsync apply --yes
$ connsync apply --yes
Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
`),
    next: 'Commit the lockfile; nothing else is needed.',
  },
  'not-yet-visible': {
    means: 'Datadog confirmed a write, but its list did not show the connection within the time that connsync waits.',
    why: 'A plan made from such a list would create the connection a second time.',
    bad: terminal(`
$ connsync apply --yes
! connections/users/crm-contacts.yaml:1  Datadog accepted users/crm-contacts, but its list does not show it yet  not-yet-visible
  → wait a moment, then run connsync plan before the next apply
`),
    good: terminal(`
$ connsync apply --yes
$ sleep 8
$ connsync plan
No changes. 1 unchanged.
`),
    next: 'Run connsync plan after a few minutes, before the next apply.',
  },
} satisfies Chapter;
