import { Failure } from '../core/diagnostic.ts';
import type { ConnectionsReader } from '../core/ports.ts';
import { secretFinder } from '../core/redact.ts';

/**
 * A reader that refuses answers in which a key of this run stands. Whatever prints them redacts it; but what is listed is also
 * recorded, imported and accepted into files that are committed, where a redacted value would be a wrong one.
 */
export function rejectingEchoedSecrets<T extends ConnectionsReader>(api: T, secrets: readonly string[]): T {
  const holdsSecret = secretFinder(secrets.filter((secret) => secret.length >= SHORTEST));
  const checked = <Answer>(what: string, answer: Answer): Answer => {
    if (holdsSecret(JSON.stringify(answer) ?? '')) throw echoed(what);
    return answer;
  };
  return {
    ...api,
    organisation: async (signal) => checked('the organisation', await api.organisation(signal)),
    list: async (entity, signal) => checked(`the list of ${entity}`, await api.list(entity, signal)),
    attributes: async (entity, signal) => checked(`the mapping of ${entity}`, await api.attributes(entity, signal)),
  };
}

/** A key has 32 digits and more; a shorter text is none, and may stand anywhere by chance. */
const SHORTEST = 12;

function echoed(what: string): Failure {
  return new Failure('invalid-response', `Datadog answered ${what} with a key of this run in it`, {
    hint: 'take the key out of the connection that holds it, and replace it: it is known to whoever may read connections',
  });
}
