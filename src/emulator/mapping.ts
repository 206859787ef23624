import { compact } from '../core/compact.ts';
import type { StoredConnection } from './wire.ts';

/** One attribute of an entity, as in the mapping response. */
export interface Attribute {
  readonly attribute: string;
  readonly display_name?: string;
  readonly description?: string;
  readonly groups?: readonly string[];
  readonly is_custom: boolean;
  readonly type: string;
}

/**
 * Returns the attributes of an entity: a few built-in ones, then `@<field id>` for each field of its connections. If
 * two connections have the same field id, the older connection provides the attribute.
 */
export function mappingOf(entity: string, connections: readonly StoredConnection[]): readonly Attribute[] {
  const custom = new Map<string, Attribute>();
  for (const { id, type, display_name, description, groups } of connections.flatMap(({ fields }) => fields)) {
    const attribute = `@${id}`;
    if (custom.has(attribute)) continue;
    custom.set(attribute, {
      attribute,
      ...compact({ display_name, description, groups }),
      is_custom: true,
      type,
    });
  }
  return [...(BUILT_IN[entity] ?? []), ...custom.values()];
}

const builtIn = (attribute: string, display_name: string, description: string, group: string): Attribute => ({
  attribute,
  display_name,
  description,
  groups: [group],
  is_custom: false,
  type: 'string',
});

const BUILT_IN: Readonly<Record<string, readonly Attribute[]>> = {
  users: [
    builtIn('user_id', 'User ID', 'Identifier of the user', 'Identity'),
    builtIn('user_email', 'Email', 'Address of the user', 'Identity'),
    builtIn('user_name', 'Name', 'Name of the user', 'Identity'),
    builtIn('account_id', 'Account ID', 'Identifier of the account that the user belongs to', 'Identity'),
    builtIn('country', 'Country', 'Country of the most recent session', 'Location'),
    builtIn('first_seen', 'First seen', 'Time of the first session', 'Activity'),
    builtIn('last_seen', 'Last seen', 'Time of the most recent session', 'Activity'),
  ],
  accounts: [
    builtIn('account_id', 'Account ID', 'Identifier of the account', 'Identity'),
    builtIn('account_name', 'Name', 'Name of the account', 'Identity'),
    builtIn('first_seen', 'First seen', 'Time of the first session', 'Activity'),
    builtIn('last_seen', 'Last seen', 'Time of the most recent session', 'Activity'),
  ],
};
