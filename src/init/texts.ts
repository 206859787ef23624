import type { InitChoices } from './answers.ts';
import { CONNECTION_SCHEMA, SETTINGS_SCHEMA } from './paths.ts';

/** `connsync.yaml`, with what could stand in it as comments. */
export function settingsText({ site, folders }: InitChoices): string {
  return `# yaml-language-server: $schema=${SETTINGS_SCHEMA}
# Settings of connsync for this folder. A flag and an environment variable stand over them.
# Keys never stand here: they come from DD_API_KEY and DD_APP_KEY.
version: 1

# The Datadog site of your organisation.
site: ${site}

# Folders of manifests. What was applied is recorded beside this file, in connections.lock: commit it.
manifests:
${folders.map((folder) => `  - ${scalar(folder)}\n`).join('')}
# The defaults of everything else; take the # away to change one.
# prune: false # true: delete connections whose manifest is gone
# on_drift: revert # of what somebody changed in Datadog; keep: leave it alone, refuse: apply nothing
# max_deletes: 30% # of what is recorded, how much one apply may delete or replace
# concurrency: 4 # requests in flight at once
`;
}

/** A manifest that explains itself. It is whole: it validates, plans, and could be applied. */
export function exampleText(file: string): string {
  return `# yaml-language-server: $schema=${upFrom(file)}${CONNECTION_SCHEMA}
# An example: a table from a CRM that brings two columns into the profiles of users.
# Nothing happens at Datadog before it is applied: by connsync apply, or by the workflow once it is merged.
# Until then change it to what you have, or delete it.

# Whose profiles: users or accounts.
entity: users
# Your name for the connection. The two together are its key, users/crm-contacts; another id is another connection.
id: crm-contacts
# What the data comes from: a reference table.
type: ref_table
# Rows and profiles are joined by this attribute of the profile ...
join_attribute: user_email
# ... and this is what it holds: email, user_id or account_id.
join_type: email
# The columns to bring in. Each becomes an attribute, here @customer_tier and @lifetime_value.
fields:
  # The attribute, the table's column that it comes from, and the column's type: string or number.
  - id: customer_tier
    source_name: subscription_tier
    type: string
    # What people see. These three can be left out, and changed at any time.
    display_name: Customer tier
    description: Subscription tier in the \`CRM\`
    groups: [Commercial]
  - id: lifetime_value
    source_name: ltv
    type: number
# Ours, and never sent to Datadog.
connsync:
  # Shown in plans and reports.
  owner: team-growth
`;
}

/** What an editor needs to know about the two schemas, as it stands in `.vscode/settings.json`. */
export function editorSettings(folders: readonly string[]): Readonly<Record<string, unknown>> {
  const manifests = folders.flatMap((folder) => [`${folder}/**/*.yaml`, `${folder}/**/*.yml`]);
  return { 'yaml.schemas': { [CONNECTION_SCHEMA]: manifests, [SETTINGS_SCHEMA]: ['connsync.yaml'] } };
}

/** From a file back to the folder that all paths here are relative to. */
function upFrom(file: string): string {
  return '../'.repeat(file.split('/').length - 1);
}

/** Plain where no YAML reader could take it for anything else, else quoted. */
function scalar(text: string): string {
  return /^[a-z][\w./-]*$/i.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
