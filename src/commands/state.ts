import type { Key, RecordedConnection } from '../core/connection.ts';
import { Failure, type ExitCode } from '../core/diagnostic.ts';
import type { Snapshot, StateStore } from '../core/ports.ts';
import { escapeControlJson, escapeControl } from '../core/escape-control.ts';
import { openProblems } from '../reconcile/gather.ts';
import { symbolsOf } from '../reporters/human/symbols.ts';
import type { CommonFlags, StateFlags } from '../session/flags.ts';
import { openWorkspace } from '../session/workspace.ts';
import { runPlainCommand } from '../session/plain-output.ts';
import { isUnicode } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Prints the recorded connections, one per line. */
export async function stateList(flags: StateFlags, runtime: Runtime): Promise<ExitCode> {
  return runPlainCommand(flags, runtime, async () => {
    const { header, records } = await loadAndReport(await storeFor(flags, runtime), runtime);
    const connections = [...records.values()].map(({ key, owner, protect, conflicting }) => ({
      key,
      owner,
      protect,
      conflicting: conflicting === undefined ? undefined : true,
    }));
    if (flags.format === 'human') {
      const width = connections.reduce((most, { key }) => Math.max(most, key.length), 0);
      for (const { key, owner, protect, conflicting } of connections) {
        const about = [
          ...(owner === undefined ? [] : [`owner ${owner}`]),
          ...(protect === true ? ['protected'] : []),
          ...(conflicting === true ? ['disputed'] : []),
        ].join('   ');
        runtime.stdout.write(`${`${escapeControl(key).padEnd(width)}   ${escapeControl(about)}`.trimEnd()}\n`);
      }
    } else
      runtime.stdout.write(
        json(flags, {
          formatVersion: '1.0',
          ...(header === undefined ? {} : { site: header.site, org: header.org, manifests: header.manifests }),
          connections,
        }),
      );
    return 0;
  });
}

/** Prints one record. */
export async function stateShow(key: Key, flags: StateFlags, runtime: Runtime): Promise<ExitCode> {
  return runPlainCommand(flags, runtime, async () => {
    const { records } = await loadAndReport(await storeFor(flags, runtime), runtime);
    runtime.stdout.write(
      json(flags, { formatVersion: '1.0', ...recordDocument(requireRecord(records.get(key), key)) }),
    );
    return 0;
  });
}

/** Removes records from the lockfile. The connections stay in Datadog and are no longer managed. */
export async function stateRemove(keys: readonly Key[], flags: StateFlags, runtime: Runtime): Promise<ExitCode> {
  return runPlainCommand(flags, runtime, async () => {
    const state = await storeFor(flags, runtime);
    const release = await state.hold({ command: 'state rm', since: runtime.clock.now() }, 0, runtime.interrupts.stop);
    try {
      const { header, records, open, version } = await loadAndReport(state, runtime);
      const remaining = new Map(records);
      for (const key of keys) {
        requireRecord(records.get(key), key);
        remaining.delete(key);
      }
      if (header === undefined) return 0;
      // Without this, an unfinished action of an interrupted apply would make the next apply record the connection
      // again.
      for (const { key, digest } of open.filter((intent) => keys.includes(intent.key)))
        await state.settle({ key, digest, state: 'aborted' });
      const committed = await state.commit({ header, records: remaining }, version);
      if (typeof committed !== 'string')
        throw new Failure('lockfile-changed', committed.message, { hint: 'run the command again' });
      if (flags.format !== 'human') runtime.stdout.write(json(flags, { formatVersion: '1.0', removed: keys }));
      else
        for (const key of keys)
          runtime.stdout.write(`- ${escapeControl(key)}   removed from the lockfile, not deleted in Datadog\n`);
      return 0;
    } finally {
      await release();
    }
  });
}

/** Loads the lockfile, and warns about the unfinished actions of an interrupted apply. */
async function loadAndReport(state: StateStore, { stderr, env }: Runtime): Promise<Snapshot> {
  const snapshot = await state.load();
  for (const { message, hint } of openProblems(snapshot.open, 'this lockfile'))
    stderr.write(`! ${escapeControl(message)}\n  ${symbolsOf(isUnicode(env)).next} ${escapeControl(hint ?? '')}\n`);
  return snapshot;
}

function storeFor(flags: StateFlags, runtime: Runtime): Promise<StateStore> {
  return openWorkspace(flags, runtime).openStore();
}

function requireRecord(found: RecordedConnection | undefined, key: Key): RecordedConnection {
  if (found !== undefined) return found;
  throw new Failure('usage', `${key} is not in the lockfile`, {
    hint: 'run connsync state list to see the recorded connections',
  });
}

function recordDocument({ key, owner, protect, spec, conflicting, normalised }: RecordedConnection): object {
  return { key, owner, protect, ...(conflicting === undefined ? { spec } : { conflicting }), normalised };
}

/** Returns a value as a JSON document. The document is on one line for ndjson. */
function json({ format }: CommonFlags, value: object): string {
  return `${escapeControlJson(value, format === 'ndjson' ? undefined : 2)}\n`;
}
