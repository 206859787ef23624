import { JOIN, manifest, terminal, type Chapter } from './explanation.ts';

export const READING = {
  'missing-folder': {
    means: 'A folder from --dir or connsync.yaml does not exist. The default is connections/.',
    why: 'A misspelled folder would look like an empty one, and pruning over an empty folder would delete everything.',
    bad: terminal(`
$ connsync validate --dir conections
✗ the folder conections/ does not exist  missing-folder
  → correct its name in --dir, or create it; connsync init sets up a new repository
`),
    good: terminal(`
$ connsync validate --dir connections
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Correct the name, or create the folder. connsync runs in the folder that contains connsync.yaml.',
  },
  'unreadable-file': {
    means: 'The operating system did not let connsync open a file or list a folder. The message contains its error.',
    why: 'connsync cannot compare what it cannot read, so the plan would be based on fewer connections.',
    bad: terminal(`
$ connsync validate --dir connections/users/crm-contacts.yaml
✗ connections/users/crm-contacts.yaml  1 error
  unreadable-file  1:1  connsync can't read connections/users/crm-contacts.yaml: ENOTDIR: not a directory
  → choose a folder that you have permission to read
`),
    good: terminal(`
$ connsync validate --dir connections/users
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Pass a folder instead of a file, or give your user permission to read it.',
  },
  'file-too-large': {
    means: 'A file is larger than 1 MiB. A connection with a hundred fields needs about 15 KiB.',
    why: 'A file of that size is rarely a manifest; usually an export was saved to the wrong folder.',
    bad: terminal(`
$ seq -f '# line %.0f' 100000 >> connections/users/crm-contacts.yaml
$ connsync validate
✗ connections/users/crm-contacts.yaml  1 error
  file-too-large  1:1  the file is larger than 1024 KiB
  → split it into several manifests
`),
    good: terminal(`
$ seq -f '# line %.0f' 100 >> connections/users/crm-contacts.yaml
$ connsync validate
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Move it out of the manifest folder, or split it into several files.',
  },
  'too-many-files': {
    means: 'There are more manifests than --max-files allows. The default is 200,000.',
    why: 'A run over the root of a disk, or over node_modules, would take minutes and report thousands of problems.',
    bad: terminal(`
$ ls connections/users
billing.yaml
crm-contacts.yaml
$ connsync validate --max-files 1
✗ connections/users/crm-contacts.yaml  1 error
  too-many-files  1:1  there are more than 1 manifests
  → check --dir, or increase --max-files
`),
    good: terminal(`
$ connsync validate --max-files 1000
✓ 2 manifests valid, 2 connections (offline, … ms)
`),
    next: 'Check --dir. If the number is right, increase --max-files.',
  },
  'folder-too-deep': {
    means: 'A folder is more than 16 levels below the manifest folder. connsync read nothing in it.',
    why: 'Such depth usually comes from a folder that was copied into itself, with the same connections on every level.',
    bad: terminal(`
$ mkdir -p connections/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q
$ connsync validate
✗ connections/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q  1 error
  folder-too-deep  1:1  connections/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q is more than 16 folders deep
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
    means: 'A symbolic link, a pipe or a device has the name of a manifest. connsync skipped it.',
    why: 'A link can point outside the repository, and connsync would apply something that was not reviewed.',
    bad: terminal(`
$ ln -s ../shared/leads.yaml connections/leads.yaml
$ connsync validate
`),
    good: terminal(`
$ cp shared/leads.yaml connections/leads.yaml
$ connsync validate
✓ 2 manifests valid, 2 connections (offline, … ms)
`),
    next: 'Replace it with the file itself, or add its folder with another --dir.',
  },
  'not-utf8': {
    means: 'The file contains bytes that are not UTF-8. Usually it is Latin-1 from an old editor, or UTF-16.',
    why: 'Guessing the encoding could send wrong names to Datadog.',
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
    next: 'Save it as UTF-8, or run iconv -f latin1 -t utf-8 FILE.',
  },
  'stray-bom': {
    means: 'The file contains an invisible U+FEFF that is not at its beginning.',
    why: 'It would become part of a name or value that looks right but matches nothing.',
    bad: terminal(`
$ printf '\\357\\273\\277# leads\\n' >> connections/users/crm-contacts.yaml
$ connsync validate
✗ connections/users/crm-contacts.yaml  1 error
  stray-bom  6:1  the file contains a byte order mark (U+FEFF) after its beginning
`),
    good: terminal(`
$ printf '# leads\\n' >> connections/users/crm-contacts.yaml
$ connsync validate
✓ 1 manifest valid, 1 connection (offline, … ms)
`),
    next: 'Delete it. It often comes from joining files with cat.',
  },
  'conflict-markers': {
    means: 'The file contains lines such as <<<<<<< and >>>>>>>, because Git could not merge two changes to it.',
    why: 'The file contains both versions, and only you know which one is right.',
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
    next: 'Keep the version you want, delete the marker lines, then run git add FILE.',
  },
  'empty-manifest': {
    means: 'The file, or one document between two --- lines, is empty.',
    why: 'A manifest that lost its contents no longer describes a connection, and pruning would delete that connection.',
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
