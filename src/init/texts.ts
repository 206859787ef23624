import type { InitChoices } from './answers.ts';
import { CONNECTION_SCHEMA, SETTINGS_SCHEMA } from './paths.ts';

/** Returns the text of `connsync.yaml`, with the optional settings as comments. */
export function settingsText({ site, folders }: InitChoices): string {
  return `# yaml-language-server: $schema=${SETTINGS_SCHEMA}
# Settings of connsync for this folder. Flags and environment variables override them.
# Do not put keys here: set DD_API_KEY and DD_APP_KEY in the environment.
version: 1

# The Datadog site of your organisation.
site: ${site}

# Folders of manifests. connsync records what it applied in connections.lock, next to this file: commit it.
manifests:
${folders.map((folder) => `  - ${scalar(folder)}\n`).join('')}
# Optional settings with their defaults. Remove the # to change one.
# prune: false # true: delete managed connections that have no manifest
# on_drift: revert # what to do with changes made in Datadog; keep: leave them, refuse: apply nothing
# max_deletes: 30% # how many of the recorded connections one apply may delete or replace
# concurrency: 4 # requests in flight at once
`;
}

/** Returns a complete example manifest with explanations: it validates, and could be planned and applied. */
export function exampleText(file: string): string {
  return `# yaml-language-server: $schema=${upFrom(file)}${CONNECTION_SCHEMA}
# An example: a table from a CRM that adds two columns to the profiles of users.
# It has no effect in Datadog until you run connsync apply, or until the workflow applies it after a merge.
# Edit it to match your data, or delete it.

# The profiles to extend: users or accounts.
entity: users
# Your name for the connection. Entity and id together are its key, users/crm-contacts. A new id means a new connection.
id: crm-contacts
# The source of the data: a reference table.
type: ref_table
# The profile attribute that joins rows to profiles ...
join_attribute: user_email
# ... and what it contains: email, user_id or account_id.
join_type: email
# The columns to add. Each becomes an attribute, here @customer_tier and @lifetime_value.
fields:
  # The attribute, the table column it comes from, and the column's type: string or number.
  - id: customer_tier
    source_name: subscription_tier
    type: string
    # What people see. These three are optional, and can be changed at any time.
    display_name: Customer tier
    description: Subscription tier in the \`CRM\`
    groups: [Commercial]
  - id: lifetime_value
    source_name: ltv
    type: number
# Settings for connsync, never sent to Datadog.
connsync:
  # Shown in plans and reports.
  owner: team-growth
`;
}

/** Returns the editor settings that register the two schemas, as in `.vscode/settings.json`. */
export function editorSettings(folders: readonly string[]): Readonly<Record<string, unknown>> {
  const manifests = folders.flatMap((folder) => [`${folder}/**/*.yaml`, `${folder}/**/*.yml`]);
  return { 'yaml.schemas': { [CONNECTION_SCHEMA]: manifests, [SETTINGS_SCHEMA]: ['connsync.yaml'] } };
}

/** Returns the relative path from a file's folder to the folder that all paths here are relative to. */
function upFrom(file: string): string {
  return '../'.repeat(file.split('/').length - 1);
}

/** Returns the text unquoted if every YAML reader takes it for text, else quoted. */
function scalar(text: string): string {
  return /^[a-z][\w./-]*$/i.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
