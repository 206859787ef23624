import type { Key } from '../core/connection.ts';
import { driftOf, type DriftedConnection, type DriftViews } from '../core/drift.ts';
import type { Report } from '../core/event.ts';

/** Tells each drift once, when it appears or becomes another, and once more when it is gone. */
export function openDriftReporter(report: Report): (views: DriftViews) => void {
  let told: ReadonlyMap<Key, string> = new Map();
  return (views) => {
    const now = new Map<Key, string>();
    for (const connection of driftOf(views)) {
      const { key, state } = connection;
      const drifted = state === 'changed' || state === 'missing';
      if (drifted) now.set(key, textOf(connection));
      if (now.get(key) !== told.get(key)) report({ type: 'drift', connection });
    }
    told = now;
  };
}

function textOf({ state, changes, updatedBy }: DriftedConnection): string {
  return JSON.stringify([state, changes, updatedBy]);
}
