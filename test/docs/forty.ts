import type { Emulator } from '../../src/emulator/server.ts';

const SOURCES = ['salesforce', 'hubspot', 'stripe', 'zendesk', 'snowflake', 'segment', 'marketo', 'netsuite'];
const TOPICS = ['tier', 'owner', 'usage', 'health', 'renewal'];

/**
 * Forty connections, as in an organisation that has created them in the UI for years: 24 of users and 16 of accounts.
 */
export function seedForty(datadog: Emulator): void {
  for (const [row, source] of SOURCES.entries())
    for (const [column, topic] of TOPICS.entries()) {
      const ofAccounts = (row * TOPICS.length + column) % 5 === 0 || column === 3;
      const join = ofAccounts ? 'account_id' : row % 2 === 0 ? 'user_email' : 'user_id';
      datadog.seed(ofAccounts ? 'accounts' : 'users', {
        id: `${source}-${topic}`,
        type: 'ref_table',
        join_attribute: join,
        join_type: join === 'user_email' ? 'email' : join,
        fields: [
          {
            id: `${source}_${topic}`,
            source_name: topic,
            type: topic === 'usage' || topic === 'health' ? 'number' : 'string',
            display_name: `${topic[0]?.toUpperCase()}${topic.slice(1)}`,
          },
        ],
        metadata: { source },
      });
    }
}
