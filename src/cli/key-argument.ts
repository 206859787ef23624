import { InvalidArgumentError } from 'commander';
import type { Key } from '../core/connection.ts';

/** One more key of a command line. Throws for what can be none, before anybody is asked about it. */
export function keyArgument(text: string, before: readonly Key[] = []): readonly Key[] {
  return [...before, requireKey(text)];
}

function requireKey(text: string): Key {
  const slash = text.indexOf('/');
  if (slash > 0 && slash < text.length - 1 && !text.includes('*')) return text;
  const all =
    /^[\w-]+(\/\*)?$/.exec(text) === null
      ? ''
      : `; all of an entity: connsync import --all --entity ${text.replace('/*', '')}`;
  throw new InvalidArgumentError(`A key is entity/id, such as users/crm-contacts${all}.`);
}
