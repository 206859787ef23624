import type { InitChoices } from './answers.ts';
import { CONNECTION_SCHEMA, SETTINGS_SCHEMA } from './paths.ts';

/** Returns the text of `connsync.yaml`, with the optional settings as comments. */
export function settingsText({ site, folders }: InitChoices): string {
  return `# yaml-language-server: $schema=${SETTINGS_SCHEMA}
# connsync's settings for this folder. Flags and environment variables override them.
# Never put keys here: connsync reads them from DD_API_KEY and DD_APP_KEY.
version: 1

# The Datadog site of your organisation.
site: ${site}

# Manifest folders. connsync records what it applied in connections.lock, beside this file. Commit that file.
manifests:
${folders.map((folder) => `  - ${scalar(folder)}\n`).join('')}
# Optional settings with their defaults. Remove the # to change one.
# prune: false # true: delete managed connections that have no manifest
# on_drift: revert # changes made in Datadog: revert them, keep them, or refuse to apply
# max_deletes: 30% # share of the recorded connections that one apply may delete or replace
# concurrency: 4 # maximum number of concurrent requests
`;
}

/** Returns a complete example manifest with comments. It validates and can be applied. */
export function exampleText(file: string): string {
  return `# yaml-language-server: $schema=${upFrom(file)}${CONNECTION_SCHEMA}
# An example: adds two columns of a CRM table to the profiles of users.
# Change it to match your table, or delete it. Nothing happens in Datadog until you run connsync apply or merge it.

# The entity whose profiles get the columns: users or accounts.
entity: users
# Your id for the connection. entity and id are its key, users/crm-contacts. A new id makes a new connection.
id: crm-contacts
# The type of the data source: a reference table.
type: ref_table
# The profile attribute to join rows by.
join_attribute: user_email
# What that attribute contains: email, user_id or account_id.
join_type: email
# The columns to add. Each becomes an attribute, here @customer_tier and @lifetime_value.
fields:
  # The name of the attribute, the column in the table, and its type: string or number.
  - id: customer_tier
    source_name: subscription_tier
    type: string
    # What Datadog displays. These three are optional, and you can change them at any time.
    display_name: Customer tier
    description: Subscription tier in the \`CRM\`
    groups: [Commercial]
  - id: lifetime_value
    source_name: ltv
    type: number
# connsync's own settings, never sent to Datadog.
connsync:
  # The owner, shown in plans and reports.
  owner: team-growth
`;
}

/** Returns the content of `.vscode/settings.json` that maps the two schemas to their files. */
export function editorSettings(folders: readonly string[]): Readonly<Record<string, unknown>> {
  const manifests = folders.flatMap((folder) => [`${folder}/**/*.yaml`, `${folder}/**/*.yml`]);
  return { 'yaml.schemas': { [CONNECTION_SCHEMA]: manifests, [SETTINGS_SCHEMA]: ['connsync.yaml'] } };
}

/** Returns the relative path from a file to the root folder. */
function upFrom(file: string): string {
  return '../'.repeat(file.split('/').length - 1);
}

/** Returns a YAML scalar: plain if it can only be read as a string, otherwise quoted. */
function scalar(text: string): string {
  return /^[a-z][\w./-]*$/i.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : JSON.stringify(text);
}
