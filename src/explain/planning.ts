import { terminal, type Chapter } from './explanation.ts';

export const PLANNING = {
  normalised: {
    means: 'After an apply, Datadog shows another value than was sent: trimmed, in lower case, or not removed.',
    why: 'It is noted in the lockfile, since otherwise every plan would want to send the same value again.',
    bad: terminal(`
$ sed -i 's/: plan$/: "plan "/' connections/users/billing.yaml
$ connsync apply --yes
! connections/users/billing.yaml:1  Datadog changed what was written to users/billing: fields[price_tier].display_name is now "plan"  normalised
  → write it so in the manifest; until then it is left as Datadog has it
`),
    good: terminal(`
$ sed -i 's/: plan$/: Plan/' connections/users/billing.yaml
$ connsync apply --yes
Apply complete! Resources: 0 added, 1 changed, 0 destroyed.
`),
    next: 'Write the value in the manifest as Datadog keeps it.',
  },
  drift: {
    means: 'What is live differs from what was last applied, and this run leaves it as it is.',
    why: 'Somebody has changed it in Datadog. The next apply may set that back, so they should hear of it first.',
    bad: terminal(`
$ connsync plan --on-drift keep
! connections/users/billing.yaml:1  users/billing was changed outside Git: 1 of its values differ; left alone  drift
  → see connsync drift; connsync accept users/billing copies it into the manifest
`),
    good: terminal(`
$ connsync accept users/billing
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'See connsync drift; then accept the change, or put it back with connsync apply.',
  },
  orphan: {
    means: 'The connection was applied once, its manifest is gone, and this run does not prune.',
    why: 'It goes on in Datadog, and nobody looks after it.',
    bad: terminal(`
$ rm connections/users/billing.yaml
$ connsync plan
! users/billing is recorded and live, but no manifest describes it any more; it is left alone  orphan
  → delete it with --prune, or stop managing it with connsync state rm users/billing
`),
    good: terminal(`
$ rm connections/users/billing.yaml
$ connsync plan --prune
Plan: 0 to add, 0 to change, 1 to destroy. 1 unchanged.
`),
    next: 'Delete it with connsync apply --prune, or give it up with connsync state rm KEY.',
  },
  protected: {
    means: 'The manifest of a connection is gone, but the lockfile says that it is protected: pruning leaves it alone.',
    why: 'protect: true is there for the day on which a manifest vanishes by mistake.',
    bad: terminal(`
$ rm connections/users/billing.yaml
$ connsync plan --prune
! users/billing has no manifest any more, but it is protected; it is left alone  protected
  → put its manifest back without protect and apply, then remove it
`),
    good: terminal(`
$ sed -i '/protect/d' connections/users/billing.yaml
$ connsync apply --yes
$ rm connections/users/billing.yaml
$ connsync plan --prune
Plan: 0 to add, 0 to change, 1 to destroy. 1 unchanged.
`),
    next: 'If it is really to go: put its manifest back without protect, apply, and only then remove it.',
  },
  'conflicting-records': {
    means: 'Two branches recorded different contents for one connection, and a merge kept both lines.',
    why: 'What was last applied is then unknown, so offline nothing can be said about it.',
    bad: terminal(`
$ connsync plan --offline
! users/billing has two different records in the lockfile, so what was last applied is unknown; nothing is planned for it offline  conflicting-records
  → plan with credentials: what is live settles it
`),
    good: terminal(`
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Plan and apply with credentials: what is live settles it.',
  },
  'prune-off': {
    means: 'The lockfile was made from other folders than this run reads.',
    why: 'A connection that seems to have no manifest may have one in a folder that was not read. So nothing is deleted.',
    bad: terminal(`
$ connsync plan --dir shared --lockfile connections.lock --prune
! connections.lock was made from connections, and this run reads shared: nothing is pruned  prune-off
  → run over the same folders to prune
`),
    good: terminal(`
$ connsync plan --dir connections --prune
No changes. 2 unchanged.
`),
    next: 'Prune over all the folders that the lockfile names, or give these their own --lockfile.',
  },
  'matches-nothing': {
    means: 'A glob of --target or --exclude matches no connection: none in a manifest, in the lockfile or in Datadog.',
    why: 'A target with a slip of the pen leaves everything out, and an apply over nothing looks like one that is done.',
    bad: terminal(`
$ connsync plan --target users/crm-contact
! --target users/crm-contact matches no connection  matches-nothing
  → did you mean "users/crm-contacts"?
`),
    good: terminal(`
$ connsync plan --target 'users/*'
No changes. 2 unchanged.
`),
    next: 'Correct it. A key is entity/id; * stands for any text without a slash, ** for any text.',
  },
  'watch-incomplete': {
    means: 'The operating system has no watches left, or refuses them on this disk.',
    why: 'A save in a folder that is not watched would go unnoticed, and the plan on the screen would be an old one.',
    bad: terminal(`
$ connsync watch --offline
…  ! not everything can be watched: ENOSPC: System limit for number of file watchers reached  watch-incomplete
            → on Linux raise fs.inotify.max_user_watches; until then, press r after a save, or start it again
`),
    good: terminal(`
$ sudo sysctl fs.inotify.max_user_watches=524288
$ connsync watch --offline
`),
    next: 'On Linux: sudo sysctl fs.inotify.max_user_watches=524288; until then press r after a save.',
  },
  'incomplete-credentials': {
    means:
      'DD_API_KEY is set and DD_APP_KEY is not, or the other way round. The plan goes on against the lockfile alone.',
    why: 'Most often one name is misspelt, and the plan is not the live one that you expect.',
    bad: terminal(`
$ unset DD_APP_KEY
$ connsync plan
! DD_API_KEY is set and DD_APP_KEY is not, so this plan is offline  incomplete-credentials
  → set DD_APP_KEY too, or say --offline
`),
    good: terminal(`
$ unset DD_APP_KEY
$ connsync plan --offline
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Set both, or neither; connsync doctor shows what was found.',
  },
  interrupted: {
    means: 'A journal beside the lockfile says that requests were sent, and not what became of them.',
    why: 'A process was killed, or another apply runs right now. Until an apply has looked, nobody knows what is live.',
    bad: terminal(`
$ connsync plan
! an apply over connections.lock was interrupted, or has not ended yet; unknown: users/crm-leads  interrupted
  → run connsync apply: it looks first, and finishes what was cut
`),
    good: terminal(`
$ connsync apply --yes
$ connsync plan
No changes. 3 unchanged.
`),
    next: 'Run connsync apply: it looks first, and finishes what was cut.',
  },
  recovered: {
    means:
      'This apply found the journal of one that was interrupted, looked its requests up in Datadog, and recorded or finished them.',
    why: 'It is told so that nobody wonders about actions that no plan has shown.',
    bad: terminal(`
$ connsync apply --yes
! an earlier run was interrupted: the create of users/crm-leads was done, and is recorded now  recovered
  → connsync plan --target 'users/*' shows what is left to do
`),
    good: terminal(`
$ connsync apply --yes
$ connsync apply --yes
Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
`),
    next: 'Nothing is left to do; commit the lockfile.',
  },
  'not-yet-visible': {
    means: 'Datadog confirmed a write, and its list has not shown the connection for as long as connsync waits.',
    why: 'A plan made from such a list would want to create it a second time.',
    bad: terminal(`
$ connsync apply --yes
! connections/users/crm-contacts.yaml:1  Datadog took users/crm-contacts, and its list does not show it yet  not-yet-visible
  → look again in a while with connsync plan, before the next apply
`),
    good: terminal(`
$ connsync apply --yes
$ sleep 8
$ connsync plan
No changes. 1 unchanged.
`),
    next: 'Look again in a while with connsync plan, before the next apply.',
  },
} satisfies Chapter;
