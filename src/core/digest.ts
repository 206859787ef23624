import { canonicalJson } from './canonical.ts';
import { pathOf } from './difference.ts';
import { sha256 } from './sha256.ts';
import type { Change, Undigested } from './plan.ts';

/**
 * Returns the SHA-256 of an action's effect, as 64 hex digits. Plans with the same effect have the same digests:
 * paths, lines, owners, causes and the order of actions don't count.
 */
export function digestOf(action: Undigested): string {
  return sha256(canonicalJson(digestInput(action)));
}

function digestInput(action: Undigested): Readonly<Record<string, unknown>> {
  const { kind, key } = action;
  switch (kind) {
    case 'create':
    case 'adopt':
      return { kind, key, to: action.to };
    case 'update':
      return { kind, key, changes: action.changes.map(withoutCause), takeover: action.takeover };
    case 'replace':
      return { kind, key, from: action.from, to: action.to, takeover: action.takeover };
    case 'delete':
      return { kind, key, from: action.from };
    case 'forget':
      return { kind, key };
    default:
      return action satisfies never;
  }
}

function withoutCause(change: Change): object {
  return { path: pathOf(change), from: change.from, to: change.to };
}
