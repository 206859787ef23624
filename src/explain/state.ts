import { terminal, type Chapter } from './explanation.ts';

export const STATE = {
  'lockfile-damaged': {
    means:
      'A line of the lockfile is no record, or does not match the checksum at its end: it was edited by hand, or cut.',
    why: 'A damaged lockfile that counted as empty would make everything look new, or not ours.',
    bad: terminal(`
$ sed -i s/user_email/email/ connections.lock
$ connsync plan
✗ connections.lock  1 error
  lockfile-damaged  2:1  connections.lock is damaged at line 2: the line does not match its checksum
  → take it from Git again, or make it anew from live with connsync state rebuild
`),
    good: terminal(`
$ sed -i s/user_email/email/ connections.lock
$ git restore connections.lock
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Take it back from Git; without a good one, connsync state rebuild makes it anew from live.',
  },
  'lockfile-conflict': {
    means: 'Git could not merge the lockfile and left its markers in it.',
    why: 'Both sides are records of what was applied, and both are needed.',
    bad: terminal(`
$ connsync plan
✗ connections.lock  1 error
  lockfile-conflict  2:1  connections.lock holds an unresolved merge conflict
  → keep the lines of both sides and remove the markers; .gitattributes with "connections*.lock merge=union" avoids it
`),
    good: terminal(`
$ sed -i '/^[<=>]\\{7\\}/d' connections.lock
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Delete the marker lines and keep all others; "connections*.lock merge=union" in .gitattributes does so by itself.',
  },
  'lockfile-version': {
    means: 'The header of the lockfile has a version that this connsync does not know.',
    why: 'A newer connsync may record what an older one would lose.',
    bad: terminal(`
$ sed -i '1s/Version":1/Version":2/' connections.lock
$ connsync plan
✗ connections.lock  1 error
  lockfile-version  1:1  connections.lock has lockfileVersion 2, and this connsync knows 1
  → upgrade connsync
`),
    good: terminal(`
$ sed -n '1s/,.*//p' connections.lock
{"lockfileVersion":1
$ connsync plan
No changes. 2 unchanged.
`),
    next: 'Use the connsync that wrote it, or a newer one.',
  },
  'journal-damaged': {
    means: 'A line in the middle of connections.lock.journal does not match its checksum, or it is no regular file.',
    why: 'The journal says which requests were under way. Read wrongly, it would send some twice.',
    bad: terminal(`
$ connsync plan
✗ …/connections.lock.journal is damaged: line 1 does not match its checksum  journal-damaged
  → move it away, then look at connsync plan: what is live and equal is adopted by the next apply
`),
    good: terminal(`
$ mv connections.lock.journal journal.damaged
$ connsync plan
Plan: 0 to add, 0 to change, 0 to destroy. 1 to adopt. 2 unchanged.
`),
    next: 'Move it away and look at connsync plan: what is live and equal is adopted by the next apply.',
  },
  'lock-held': {
    means:
      'The file connections.lock.lock says that another apply is under way: its process, user and host stand in the message.',
    why: 'Two at once would undo each other, and record only one of the two.',
    bad: terminal(`
$ connsync apply
✗ connections.lock is held by pid 4121 (apply, ana@ci-7, since …)  lock-held
  → wait with --lock-timeout 2m
`),
    good: terminal(`
$ connsync apply --lock-timeout 30s
Apply complete! Resources: 1 added, 0 changed, 0 destroyed.
`),
    next: 'Wait with --lock-timeout; if that machine is gone, remove connections.lock.lock.',
  },
  'disk-failure': {
    means: 'A file could not be written: no space, no right, or no folder to write it in.',
    why: 'What is about to be sent is written down first, so without a disk nothing is sent.',
    bad: terminal(`
$ connsync plan --trace traces/today.jsonl
✗ could not write traces/today.jsonl: ENOENT: no such file or directory  disk-failure
  → name another file with --trace: a new one, or a regular file
`),
    good: terminal(`
$ mkdir traces
$ connsync plan --trace traces/today.jsonl
Plan: 1 to add, 0 to change, 0 to destroy.
`),
    next: 'Free some space or mend the rights, then run again.',
  },
  'lockfile-changed': {
    means: 'While the apply ran, somebody else recorded other contents for the same connection.',
    why: 'Both are told rather than one overwritten. What could not be recorded is printed in full.',
    bad: terminal(`
$ connsync apply --yes
✗ connections.lock was changed by somebody else while this apply ran, and both changed users/crm-leads  lockfile-changed
  → run connsync apply again: what is live settles it
`),
    good: terminal(`
$ connsync apply --yes
$ connsync apply --yes
Apply complete! Resources: 0 added, 0 changed, 0 destroyed.
`),
    next: 'Run connsync apply again: what is live settles it.',
  },
  'not-recordable': {
    means:
      'The GitHub Action asks before it applies whether the branch takes the commit with the lockfile, and it does not.',
    why: "What is applied and not recorded would be nobody's, so nothing was sent to Datadog.",
    bad: terminal(`
$ gh run view --log
✗ GitHub said 403 about main of acme/data: Resource not accessible by integration - https://docs.github.com/rest  not-recordable
  → give the job contents: write, and pass a token that may write to the repository
`),
    good: terminal(`
$ gh run view --log
`),
    next: 'Give the job contents: write, or let the action past the rule that protects the branch.',
  },
} satisfies Chapter;
