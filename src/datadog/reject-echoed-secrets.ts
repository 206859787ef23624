import { Failure } from '../core/diagnostic.ts';
import type { ConnectionsReader } from '../core/ports.ts';
import { secretFinder } from '../core/redact.ts';

/**
 * Returns a reader that rejects responses that contain one of this run's keys. Redaction is not enough here: listed
 * values are also recorded, imported and committed, and a redacted value would be wrong there.
 */
export function rejectingEchoedSecrets<T extends ConnectionsReader>(api: T, secrets: readonly string[]): T {
  const containsSecret = secretFinder(secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH));
  const checked = <Answer>(what: string, answer: Answer): Answer => {
    if (containsSecret(JSON.stringify(answer) ?? '')) throw echoed(what);
    return answer;
  };
  return {
    ...api,
    organisation: async (signal) => checked('the organisation', await api.organisation(signal)),
    list: async (entity, signal) => checked(`the list of ${entity}`, await api.list(entity, signal)),
    attributes: async (entity, signal) => checked(`the mapping of ${entity}`, await api.attributes(entity, signal)),
  };
}

/** Keys have at least 32 characters; a shorter text could match by chance. */
const MIN_SECRET_LENGTH = 12;

function echoed(what: string): Failure {
  return new Failure('invalid-response', `Datadog returned ${what} with one of this run's keys in it`, {
    hint: 'remove the key from the connection that contains it, then rotate it: anyone who can read connections has seen it',
  });
}
