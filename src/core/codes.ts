/**
 * Every code that connsync tells: what is wrong with the input (problems) and why a command could not go on (failures).
 * One table, the source for messages' severity, exit codes and explanations.
 */
export interface CodeEntry {
  readonly severity: 'error' | 'warning';
  /** The exit code that a run ends with because of it; warnings end no run. */
  readonly exit?: 1 | 3 | 4 | 5 | 6 | 7;
  /** One line: the rule, as `explain` heads it. */
  readonly title: string;
}

const error = (exit: NonNullable<CodeEntry['exit']>, title: string): CodeEntry => ({ severity: 'error', exit, title });
const warning = (title: string): CodeEntry => ({ severity: 'warning', title });

export const CODES = {
  // Reading files
  'missing-folder': error(3, 'The folder of manifests does not exist.'),
  'unreadable-file': error(3, 'The file can not be read.'),
  'file-too-large': error(3, 'A manifest is at most 1 MiB.'),
  'too-many-files': error(3, 'There are more manifests than connsync reads in one run.'),
  'folder-too-deep': error(3, 'Folders of manifests nest at most 16 deep.'),
  'linked-file': warning('Links and special files are never followed, so this one is not read.'),
  'not-utf8': error(3, 'A manifest is UTF-8 text.'),
  'stray-bom': error(3, 'A byte order mark stands only at the beginning of a file.'),
  'conflict-markers': error(3, 'The file holds an unresolved merge conflict.'),
  'empty-manifest': error(3, 'A file or document is empty, or holds only comments.'),

  // YAML
  'yaml-syntax': error(3, 'The text is not YAML.'),
  'yaml-depth': error(3, 'Collections nest at most 32 deep.'),
  'yaml-alias': error(3, 'Anchors and aliases are not used in manifests.'),
  'yaml-tag': error(3, 'Tags are not used in manifests.'),
  'yaml-merge-key': error(3, 'Merge keys (<<) are not used in manifests.'),
  'yaml-version': warning('A %YAML directive has no effect: YAML 1.2 rules always hold.'),
  'duplicate-property': error(3, 'A property stands twice in one mapping.'),
  'lone-surrogate': error(3, 'Text holds half of a character pair, which can not be sent.'),
  'ambiguous-scalar': warning('Older YAML tools read this plain text as something else; quote it.'),

  // Schema
  'unknown-property': error(3, 'A property that the schema does not know.'),
  'missing-property': error(3, 'A property that the schema requires is missing.'),
  'wrong-type': error(3, 'A value is of another type than the schema asks for.'),
  'not-allowed': error(3, 'A value is not one of those allowed.'),
  'bad-length': error(3, 'A text or list is too short or too long.'),
  'bad-value': error(3, 'A value does not have the form that is asked for.'),
  'forbidden-name': error(3, 'A name that programs treat specially can not be a property.'),

  unformatted: error(3, 'The manifest is not in canonical order and spacing.'),

  // Rules within and across manifests
  'unsafe-id': error(3, 'An id that a URL would bend can not be used.'),
  'unusual-id': warning('An id outside A-Z a-z 0-9 . _ - may surprise other tools.'),
  'duplicate-key': error(3, 'Two manifests describe the same connection.'),
  'duplicate-field': error(3, 'A connection has the same field id twice.'),
  'shared-field': warning(
    'Two connections of one entity bring in the same field id; they would collide as attributes.',
  ),
  'unknown-entity': warning('Datadog documents the entities users and accounts.'),
  'unknown-type': warning('Datadog documents the connection type ref_table.'),
  'unknown-join-type': warning('Datadog documents the join types email, user_id and account_id.'),
  'unknown-field-type': warning('Datadog documents the field types string and number.'),
  'stale-rename': warning('A field was renamed already; the entry can go.'),
  'unused-allow': warning('Consent to replace is no longer needed; it can go.'),

  // What a plan tells beside its actions
  normalised: warning('Datadog made something else of a value than was written.'),
  drift: warning('Somebody changed this connection outside Git.'),
  orphan: warning('A connection is recorded and live, but no longer in the manifests.'),
  protected: warning('A protected connection is left alone.'),
  'conflicting-records': warning('The lockfile holds two records for this connection.'),
  'prune-off': warning('This run prunes nothing, because it may not have read every manifest.'),
  'matches-nothing': warning('A --target or --exclude matches no connection.'),
  'watch-incomplete': warning('The system does not let connsync watch every file.'),
  'incomplete-credentials': warning('Only one of the two keys is set.'),
  interrupted: warning('An earlier apply was interrupted, and what became of its last requests is unknown.'),
  recovered: warning('What an interrupted apply left open was looked up.'),
  'not-yet-visible': warning('Datadog took a connection, and its list does not show it yet.'),

  // Import, accept, state
  'not-live': error(4, 'The connection is not in Datadog.'),
  'has-manifest': warning('The connection has a manifest already.'),
  'no-manifest': error(4, 'The connection has no manifest.'),
  'file-exists': error(4, 'A file stands where one would be written, and is not overwritten.'),
  'not-importable': error(4, 'Datadog has a connection that no manifest can describe.'),
  'nothing-drifted': warning('There is no drift to accept.'),
  'not-rebuilt': warning('A record was dropped when the lockfile was made anew.'),
  rebuilt: warning('A lockfile made anew from live does not know what was last applied.'),

  // Usage and settings
  usage: error(3, 'The command line is not understood.'),
  'bad-site': error(3, 'A site is one of the nine of Datadog, or local.'),
  'bad-address': error(3, 'The API address must be https, or http on this machine.'),
  'bad-plan-file': error(3, 'The file is not a plan that was made with plan --out.'),
  'conflicting-settings': error(3, 'Two settings contradict each other.'),
  'bad-credentials': error(3, 'A key or token is malformed.'),
  'insecure-tls': error(3, 'Certificates are always checked; NODE_TLS_REJECT_UNAUTHORIZED=0 is refused.'),

  // Local state
  'lockfile-damaged': error(5, 'The lockfile is damaged.'),
  'lockfile-conflict': error(5, 'The lockfile holds an unresolved merge conflict.'),
  'lockfile-version': error(5, 'The lockfile was written by another version of connsync.'),
  'journal-damaged': error(5, 'The journal beside the lockfile is damaged.'),
  'lock-held': error(5, 'Another apply holds the lockfile.'),
  'disk-failure': error(5, 'The disk refused to read or write.'),
  'lockfile-changed': error(5, 'The lockfile changed while the apply ran.'),
  'not-recordable': error(5, 'The branch takes no commit with the lockfile.'),

  // Target and rights
  'credentials-missing': error(6, 'No credentials for Datadog are set.'),
  'credentials-rejected': error(6, 'Datadog rejected the credentials.'),
  'site-mismatch': error(6, 'The lockfile belongs to another site.'),
  'organisation-mismatch': error(6, 'The lockfile belongs to another organisation.'),
  'entity-unknown': error(6, 'Datadog does not know this entity, or the feature is not enabled.'),

  // Datadog
  unreachable: error(4, 'Datadog can not be reached.'),
  'invalid-response': error(4, 'Datadog answered something that connsync does not understand.'),

  // Guards
  'delete-limit': error(7, 'More connections would be destroyed than the limit allows.'),
  'no-manifests': error(7, 'No manifest is left, but connections are recorded.'),
  takeover: error(7, 'A connection that is not ours would be changed.'),
  replace: error(7, 'A connection would be deleted and created again.'),
  'protected-replace': error(7, 'A protected connection would be replaced.'),
  'drift-refused': error(7, 'Drift was found, and on_drift is refuse.'),
  'not-confirmed': error(7, 'The plan was not confirmed.'),
  'stale-checkout': error(7, 'A newer commit changed the manifests.'),
  'stale-plan': error(7, 'More is needed now than was reviewed.'),

  // Ours
  unexpected: error(1, 'A bug of connsync.'),
} as const satisfies Record<string, CodeEntry>;

/** What went wrong, as one word that programs may compare. The exit code, the severity and the title of each stand in one table. */
export type Code = keyof typeof CODES;

/** The entry of a code, in the general shape. */
export function codeEntry(code: Code): CodeEntry {
  return CODES[code];
}
