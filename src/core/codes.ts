/**
 * The severity, exit code and title of one code in `CODES`, which lists every problem and failure that connsync
 * reports.
 */
export interface CodeEntry {
  readonly severity: 'error' | 'warning';
  /** The exit code of a run that fails with this error. Absent for warnings. */
  readonly exit?: 1 | 3 | 4 | 5 | 6 | 7;
  /** The rule in one line, used as the heading in the output of `connsync explain`. */
  readonly title: string;
}

const error = (exit: NonNullable<CodeEntry['exit']>, title: string): CodeEntry => ({ severity: 'error', exit, title });
const warning = (title: string): CodeEntry => ({ severity: 'warning', title });

export const CODES = {
  // Reading files
  'missing-folder': error(3, 'The manifest folder does not exist.'),
  'unreadable-file': error(3, 'The file cannot be read.'),
  'file-too-large': error(3, 'A manifest can have at most 1 MiB.'),
  'too-many-files': error(3, 'There are more manifests than connsync reads in one run.'),
  'folder-too-deep': error(3, 'Manifest folders can be nested at most 16 levels deep.'),
  'linked-file': warning('connsync does not follow links or read special files.'),
  'not-utf8': error(3, 'A manifest must be UTF-8 text.'),
  'stray-bom': error(3, 'A byte order mark is allowed only at the start of a file.'),
  'conflict-markers': error(3, 'The file contains an unresolved merge conflict.'),
  'empty-manifest': error(3, 'A file or document is empty or contains only comments.'),

  // YAML
  'yaml-syntax': error(3, 'The text is not valid YAML.'),
  'yaml-depth': error(3, 'Collections can be nested at most 32 levels deep.'),
  'yaml-alias': error(3, 'Manifests cannot use anchors and aliases.'),
  'yaml-tag': error(3, 'Manifests cannot use tags.'),
  'yaml-merge-key': error(3, 'Manifests cannot use merge keys (<<).'),
  'yaml-version': warning('A %YAML directive has no effect: connsync always uses YAML 1.2.'),
  'duplicate-property': error(3, 'A mapping contains the same property twice.'),
  'lone-surrogate': error(3, 'The text contains half of a surrogate pair, which cannot be sent.'),
  'ambiguous-scalar': warning('Older YAML tools read this unquoted value as another type, or a comment cuts it short.'),

  // Schema
  'unknown-property': error(3, 'The schema does not allow this property.'),
  'missing-property': error(3, 'A required property is missing.'),
  'wrong-type': error(3, 'A value has the wrong type.'),
  'not-allowed': error(3, 'A value is not one of the allowed values.'),
  'bad-length': error(3, 'A text or list is too short or too long.'),
  'bad-value': error(3, 'A value has the wrong format.'),
  'forbidden-name': error(3, 'A property cannot have a name that programs treat specially.'),

  unformatted: error(3, 'The manifest is not in canonical format.'),

  // Rules within and across manifests
  'unsafe-id': error(3, 'The id cannot be part of a URL.'),
  'unusual-id': warning('Ids with characters other than A-Z a-z 0-9 . _ - can cause problems in other tools.'),
  'duplicate-key': error(3, 'Two manifests describe the same connection.'),
  'duplicate-field': error(3, 'A connection has the same field id twice.'),
  'shared-field': warning('Two connections of one entity use the same field id, so their attributes collide.'),
  'unknown-entity': warning('Datadog documents the entities users and accounts.'),
  'unknown-type': warning('Datadog documents the connection type ref_table.'),
  'unknown-join-type': warning('Datadog documents the join types email, user_id and account_id.'),
  'unknown-field-type': warning('Datadog documents the field types string and number.'),
  'stale-rename': warning('The field is already renamed, so the entry is no longer needed.'),
  'unused-allow': warning('Consent to a replace is no longer needed.'),

  // Warnings of a plan
  normalised: warning('Datadog changed a value that connsync wrote.'),
  drift: warning('The connection was changed outside Git.'),
  orphan: warning('The connection is in the lockfile and in Datadog but has no manifest.'),
  protected: warning('connsync leaves a protected connection unchanged.'),
  'conflicting-records': warning('The lockfile contains two different records for the connection.'),
  'prune-off': warning('This run prunes nothing, because it may not have read every manifest.'),
  'matches-nothing': warning('A --target or --exclude matches no connection.'),
  'watch-incomplete': warning('The operating system does not let connsync watch every file.'),
  'incomplete-credentials': warning('Only one of the two keys is set.'),
  interrupted: warning('An earlier apply was interrupted, and the outcome of its last requests is unknown.'),
  recovered: warning('connsync checked the outcome of an interrupted apply.'),
  'not-yet-visible': warning('Datadog accepted a connection, but its list does not show it yet.'),
  'lockfile-deleted': warning('The lockfile was deleted while an apply ran, and written again.'),

  // Import, accept, state
  'not-live': error(4, 'The connection is not in Datadog.'),
  'has-manifest': warning('The connection already has a manifest.'),
  'no-manifest': error(4, 'The connection has no manifest.'),
  'file-exists': error(4, 'The file already exists, and connsync does not overwrite it.'),
  'not-importable': error(4, 'Datadog has a connection that a manifest cannot describe.'),
  'nothing-drifted': warning('There is no drift to accept.'),
  'not-rebuilt': warning('state rebuild dropped a record from the lockfile.'),
  rebuilt: warning('After state rebuild, the last applied values are unknown.'),

  // Usage and settings
  usage: error(3, 'The command line is not valid.'),
  'bad-site': error(3, 'The site must be one of the nine Datadog sites, or local.'),
  'bad-address': error(3, 'The API URL must use https, or http on loopback.'),
  'bad-plan-file': error(3, 'The file was not written by plan --out.'),
  'conflicting-settings': error(3, 'Two settings contradict each other.'),
  'bad-credentials': error(3, 'A key or token is malformed.'),
  'insecure-tls': error(3, 'connsync always verifies TLS certificates, so it refuses NODE_TLS_REJECT_UNAUTHORIZED=0.'),

  // Local state
  'lockfile-damaged': error(5, 'The lockfile is damaged.'),
  'lockfile-conflict': error(5, 'The lockfile contains an unresolved merge conflict.'),
  'lockfile-version': error(5, 'The lockfile was written by an incompatible version of connsync.'),
  'journal-damaged': error(5, 'The journal beside the lockfile is damaged.'),
  'lock-held': error(5, 'Another apply holds the lockfile.'),
  'disk-failure': error(5, 'The disk could not be read or written.'),
  'lockfile-changed': error(5, 'The lockfile changed while the apply ran.'),
  'not-recordable': error(5, 'The branch does not accept a commit with the lockfile.'),

  // Target and permissions
  'credentials-missing': error(6, 'No credentials for Datadog are set.'),
  'credentials-rejected': error(6, 'Datadog rejected the credentials.'),
  'site-mismatch': error(6, 'The lockfile belongs to another site.'),
  'organisation-mismatch': error(6, 'The lockfile belongs to another organisation.'),
  'entity-unknown': error(6, 'Datadog does not know this entity, or the feature is not enabled.'),

  // Datadog
  unreachable: error(4, 'Datadog cannot be reached.'),
  'invalid-response': error(4, 'Datadog returned a response that connsync does not understand.'),

  // Guards
  'delete-limit': error(7, 'The plan would destroy more connections than the limit allows.'),
  'no-manifests': error(7, 'There are no manifests, but the lockfile records connections.'),
  takeover: error(7, 'The plan would change a connection that connsync does not manage.'),
  replace: error(7, 'The plan would delete a connection and create it again.'),
  'protected-replace': error(7, 'The plan would replace a protected connection.'),
  'drift-refused': error(7, 'A connection was changed outside Git, and on_drift is refuse.'),
  'not-confirmed': error(7, 'The plan was not confirmed.'),
  'stale-checkout': error(7, 'A newer commit changed the manifests.'),
  'stale-plan': error(7, 'The plan contains changes that were not reviewed.'),

  // Bugs
  unexpected: error(1, 'connsync has a bug.'),
} as const satisfies Record<string, CodeEntry>;

/** The code of a problem, for programs to compare. `CODES` defines the exit code, severity and title. */
export type Code = keyof typeof CODES;

/** Returns the entry of a code, typed as `CodeEntry` instead of as its literal values. */
export function codeEntry(code: Code): CodeEntry {
  return CODES[code];
}
