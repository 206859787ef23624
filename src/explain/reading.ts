import { JOIN, manifest, terminal, type Chapter } from './explanation.ts';

export const READING = {
  'missing-folder': {
    means: 'A folder that was named with --dir, or in connsync.yaml, is not there. Without either it is connections/.',
    why: 'A misspelt folder would look like an empty one, and with pruning an empty one means: delete everything.',
    bad: terminal(`
$ connsync validate --dir conections
✗ the folder conections/ does not exist  missing-folder
  → make it, begin with connsync init, or name another with --dir
`),
    good: terminal(`
$ connsync validate --dir connections
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Correct the name, or make the folder; connsync runs in the folder that connsync.yaml stands in.',
  },
  'unreadable-file': {
    means: 'The operating system refused to open a file, or to list a folder. Its own words stand in the message.',
    why: 'What can not be read can not be compared: a plan without it would be a plan for fewer connections.',
    bad: terminal(`
$ connsync validate --dir connections/users/crm-contacts.yaml
✗ connections/users/crm-contacts.yaml  1 error
  unreadable-file  1:1  connections/users/crm-contacts.yaml can not be read: ENOTDIR: not a directory
  → name a folder that you may read
`),
    good: terminal(`
$ connsync validate --dir connections/users
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Name a folder rather than a file, or give your user the right to read it.',
  },
  'file-too-large': {
    means: 'One file is larger than 1 MiB. A connection with a hundred fields takes some 15 KiB.',
    why: 'A file of that size is hardly ever a manifest: most often an export landed in the wrong folder.',
    bad: terminal(`
$ seq -f '# line %.0f' 100000 >> connections/users/crm-contacts.yaml
$ connsync validate
✗ connections/users/crm-contacts.yaml  1 error
  file-too-large  1:1  the file is larger than 1024 KiB
  → divide it into several manifests
`),
    good: terminal(`
$ seq -f '# line %.0f' 100 >> connections/users/crm-contacts.yaml
$ connsync validate
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Move it out of the folder of manifests, or divide it into several.',
  },
  'too-many-files': {
    means: 'More files look like manifests than --max-files allows; by default that is 200,000.',
    why: 'A run over the root of a disk, or over node_modules, would read for minutes and tell thousands of problems.',
    bad: terminal(`
$ ls connections/users
billing.yaml
crm-contacts.yaml
$ connsync validate --max-files 1
✗ connections/users/crm-contacts.yaml  1 error
  too-many-files  1:1  there are more than 1 manifests
  → is --dir the right folder? --max-files allows more
`),
    good: terminal(`
$ connsync validate --max-files 1000
✓ 2 manifests valid, 2 connections (offline, … ms)
`),
    next: 'Check --dir; where there really are that many, allow more with --max-files.',
  },
  'folder-too-deep': {
    means: 'Below a folder of manifests another one lies more than 16 levels deep. Nothing in it was read.',
    why: 'Such depth comes from a copy that went into itself. Reading on would find the same connections again and again.',
    bad: terminal(`
$ mkdir -p connections/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q
$ connsync validate
✗ connections/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q  1 error
  folder-too-deep  1:1  connections/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q lies more than 16 folders deep
  → move its manifests up
`),
    good: terminal(`
$ mkdir -p connections/teams/growth/crm
$ connsync validate
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Move its manifests up, or delete the copy.',
  },
  'linked-file': {
    means: 'Something that is named like a manifest is a symbolic link, a pipe or a device. It was left out.',
    why: 'A link may lead out of the repository: then what is applied is not what was reviewed.',
    bad: terminal(`
$ ln -s ../shared/leads.yaml connections/leads.yaml
$ connsync validate
`),
    good: terminal(`
$ cp shared/leads.yaml connections/leads.yaml
$ connsync validate
✓ 2 manifests valid, 2 connections (offline, … ms)
`),
    next: 'Put the file itself there, or name its folder with another --dir.',
  },
  'not-utf8': {
    means: 'The file holds bytes that are no UTF-8, often Latin-1 from an old editor, or it is UTF-16.',
    why: 'Guessed bytes become wrong letters, and the wrong name would be sent to Datadog.',
    bad: terminal(`
$ printf '# Gr\\374\\337e\\n' >> connections/users/crm-contacts.yaml
$ connsync validate
✗ connections/users/crm-contacts.yaml  1 error
  not-utf8  6:5  byte 0xfc is not UTF-8
`),
    good: terminal(`
$ printf '# Grüße\\n' >> connections/users/crm-contacts.yaml
$ connsync validate
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Save it as UTF-8, or: iconv -f latin1 -t utf-8 FILE.',
  },
  'stray-bom': {
    means: 'An invisible U+FEFF stands in the middle of the file. At its beginning it would be fine.',
    why: 'It would become part of a name or value that then looks right and equals nothing.',
    bad: terminal(`
$ printf '\\357\\273\\277# leads\\n' >> connections/users/crm-contacts.yaml
$ connsync validate
✗ connections/users/crm-contacts.yaml  1 error
  stray-bom  6:1  a byte order mark (U+FEFF) stands inside the file
`),
    good: terminal(`
$ printf '# leads\\n' >> connections/users/crm-contacts.yaml
$ connsync validate
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Delete it; it is left where files were put together with cat.',
  },
  'conflict-markers': {
    means: 'Lines such as <<<<<<< and >>>>>>> stand in the file: Git could not merge two changes to it.',
    why: 'Both sides are in the file, and which of them is meant only a person knows.',
    bad: manifest(`
entity: users
id: crm-contacts
type: ref_table
<<<<<<< HEAD
join_attribute: user_email
=======
join_attribute: email
>>>>>>> crm
join_type: email
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Keep what is meant, delete the marker lines, then: git add FILE.',
  },
  'empty-manifest': {
    means: 'The file, or one document between two --- lines, says nothing.',
    why: 'A manifest that lost its contents is no longer desired: with pruning its connection would be deleted.',
    bad: manifest(`
# entity: users
# id: crm-contacts
`),
    good: manifest(`
entity: users
id: crm-contacts
${JOIN}
`),
    next: 'Write a connection, or delete the file.',
  },
} satisfies Chapter;
