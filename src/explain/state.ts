import { terminal, type Chapter } from './explanation.ts';

export const STATE = {
  'lockfile-damaged': {
    means:
      'A line of the lockfile is not a record, or does not match its checksum: it was edited by hand or truncated.',
    why: 'If connsync treated a damaged lockfile as empty, every connection would look new or unmanaged.',
    bad: terminal(`
$ sed -i s/user_email/email/ connections.lock
$ connsync plan
✗ connections.lock  1 error
  lockfile-damaged  2:1  connections.lock is damaged at line 2: the line does not match its checksum
  → restore it from Git, or run connsync state rebuild to create it from Datadog
`),
    good: terminal(`
$ sed -i s/user_email/email/ connections.lock
$ git restore connections.lock
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Restore it from Git. Without a good version, connsync state rebuild recreates it from Datadog.',
  },
  'lockfile-conflict': {
    means: 'Git could not merge the lockfile and left conflict markers in it.',
    why: 'Each side records connections that were applied, so connsync needs the lines of both.',
    bad: terminal(`
$ connsync plan
✗ connections.lock  1 error
  lockfile-conflict  2:1  connections.lock contains an unresolved merge conflict
  → keep the lines of both sides and remove the markers; add "connections*.lock merge=union" to .gitattributes to avoid conflicts
`),
    good: terminal(`
$ sed -i '/^[<=>]\\{7\\}/d' connections.lock
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Delete the marker lines and keep all others. Add "connections*.lock merge=union" to .gitattributes to prevent this.',
  },
  'lockfile-version': {
    means: 'The header of the lockfile has a version that this connsync does not support.',
    why: 'A newer connsync may record data that an older one would lose.',
    bad: terminal(`
$ sed -i '1s/Version":1/Version":2/' connections.lock
$ connsync plan
✗ connections.lock  1 error
  lockfile-version  1:1  connections.lock has lockfileVersion 2, but this connsync supports 1
  → upgrade connsync
`),
    good: terminal(`
$ sed -n '1s/,.*//p' connections.lock
{"lockfileVersion":1
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Use the version of connsync that wrote it, or a newer one.',
  },
  'journal-damaged': {
    means:
      'A line in the middle of connections.lock.journal does not match its checksum, or the journal is not a regular file.',
    why: 'The journal records which requests were in flight. Misreading it would send some of them twice.',
    bad: terminal(`
$ connsync plan
✗ …/connections.lock.journal is damaged: line 1 does not match its checksum  journal-damaged
  → move the file away and run connsync plan: the next apply adopts live connections that equal their manifests
`),
    good: terminal(`
$ mv connections.lock.journal journal.damaged
$ connsync plan
Plan: 0 to add, 0 to change, 0 to destroy. 1 to adopt. 2 unchanged.
`),
    next: 'Move it away and run connsync plan. The next apply adopts live connections that equal their manifests.',
  },
  'lock-held': {
    means:
      'The file connections.lock.lock says that another apply is running. The message names its process, user and host.',
    why: "Two applies at once would undo each other's changes, and only one would be recorded.",
    bad: terminal(`
$ connsync apply
✗ connections.lock is held by pid 4121 (apply, ana@ci-7, since …)  lock-held
  → add --lock-timeout 2m to wait for it
`),
    good: terminal(`
$ connsync apply --lock-timeout 30s
Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
`),
    next: 'Wait with --lock-timeout. If that machine no longer exists, remove connections.lock.lock.',
  },
  'disk-failure': {
    means: 'connsync could not write a file: no disk space, no permission, or no such folder.',
    why: 'connsync writes each request to disk before sending it, so without a disk it sends nothing.',
    bad: terminal(`
$ connsync plan --trace traces/today.jsonl
✗ could not write traces/today.jsonl: ENOENT: no such file or directory  disk-failure
  → choose a new file or a regular file for --trace
`),
    good: terminal(`
$ mkdir traces
$ connsync plan --trace traces/today.jsonl
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Free some space or fix the permissions, then run the command again.',
  },
  'lockfile-changed': {
    means: 'While the apply ran, another process recorded different contents for the same connection.',
    why: 'connsync reports both instead of overwriting one, and prints what it could not record in full.',
    bad: terminal(`
$ connsync apply --yes
✗ connections.lock was changed by another process while this apply ran, and both runs changed users/crm-leads  lockfile-changed
  → run connsync apply again; it compares these connections with Datadog
`),
    good: terminal(`
$ connsync apply --yes
$ connsync apply --yes
Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
`),
    next: 'Run connsync apply again: the live connection resolves the conflict.',
  },
  'lockfile-deleted': {
    means:
      'Someone deleted the lockfile while an apply ran. connsync wrote it again, with every record that it had loaded.',
    why: 'A missing lockfile would mean that connsync manages nothing: every record would be lost.',
    bad: terminal(`
$ connsync apply --yes
! connections.lock was deleted while the apply ran; connsync writes it again with every record that it had loaded  lockfile-deleted
  → to release connections, run connsync state rm
`),
    good: terminal(`
$ connsync apply --yes
$ connsync apply --yes
Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
`),
    next: 'Run connsync plan. To stop managing a connection, run connsync state rm.',
  },
  'not-recordable': {
    means: 'Before it applies, the GitHub Action checks that it can commit the lockfile to the branch. It cannot.',
    why: 'connsync would not manage connections that it applied but could not record, so it sent nothing to Datadog.',
    bad: terminal(`
$ gh run view --log
✗ GitHub returned 403 for main of acme/data: Resource not accessible by integration - https://docs.github.com/rest  not-recordable
  → give the job contents: write, and pass a token that can write to the repository
`),
    good: terminal(`
$ gh run view --log
`),
    next: 'Give the job contents: write, or exempt the action from the rule that protects the branch.',
  },
} satisfies Chapter;
