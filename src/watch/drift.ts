import type { Key } from '../core/connection.ts';
import { driftOf, type DriftedConnection, type DriftViews } from '../core/drift.ts';
import type { Report } from '../core/event.ts';

/** Returns a function that reports each drift once when it appears or changes, and once more when it disappears. */
export function openDriftReporter(report: Report): (views: DriftViews) => void {
  let reported: ReadonlyMap<Key, string> = new Map();
  return (views) => {
    const now = new Map<Key, string>();
    for (const connection of driftOf(views)) {
      const { key, state } = connection;
      const drifted = state === 'changed' || state === 'missing';
      if (drifted) now.set(key, fingerprintOf(connection));
      if (now.get(key) !== reported.get(key)) report({ type: 'drift', connection });
    }
    reported = now;
  };
}

function fingerprintOf({ state, changes, updatedBy }: DriftedConnection): string {
  return JSON.stringify([state, changes, updatedBy]);
}
