import { compact } from '../core/compact.ts';
import { existsSync, renameSync } from 'node:fs';
import type { DesiredConnection, Key, RecordedConnection, Spec } from '../core/connection.ts';
import { canonicalSpec } from '../core/canonical.ts';
import { Failure, problem, type ExitCode } from '../core/diagnostic.ts';
import { fieldsOf } from '../core/difference.ts';
import type { Snapshot, StateStore } from '../core/ports.ts';
import { escapeControlJson, escapeControl } from '../core/escape-control.ts';
import { openProblems } from '../reconcile/gather.ts';
import { symbolsOf } from '../reporters/human/symbols.ts';
import { NOTHING } from '../state/journalled-store.ts';
import type { CommonFlags, DatadogFlags, StateFlags } from '../session/flags.ts';
import { openWorkspace, type Workspace } from '../session/workspace.ts';
import { replaceRecords } from '../session/update-lockfile.ts';
import { runOwnOutput } from '../session/plain-output.ts';
import { runSurvey } from '../session/survey-session.ts';
import { isUnicode } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** What the lockfile records, one connection a line. */
export async function stateList(flags: StateFlags, runtime: Runtime): Promise<ExitCode> {
  return runOwnOutput(flags, runtime, async () => {
    const { header, records } = await loadAndReport(storeFor(flags, runtime), runtime);
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

/** One record, whole. */
export async function stateShow(key: Key, flags: StateFlags, runtime: Runtime): Promise<ExitCode> {
  return runOwnOutput(flags, runtime, async () => {
    const { records } = await loadAndReport(storeFor(flags, runtime), runtime);
    runtime.stdout.write(json(flags, { formatVersion: '1.0', ...shown(requireRecord(records.get(key), key)) }));
    return 0;
  });
}

/** Stops managing connections: their records go, and Datadog is not asked. */
export async function stateRemove(keys: readonly Key[], flags: StateFlags, runtime: Runtime): Promise<ExitCode> {
  return runOwnOutput(flags, runtime, async () => {
    const state = storeFor(flags, runtime);
    const release = await state.hold({ command: 'state rm', since: runtime.clock.now() }, 0, runtime.interrupts.stop);
    try {
      const { header, records, open, version } = await loadAndReport(state, runtime);
      const left = new Map(records);
      for (const key of keys) {
        requireRecord(records.get(key), key);
        left.delete(key);
      }
      if (header === undefined) return 0;
      // Else the next apply would find that it was done, and take it for ours again.
      for (const { key, digest } of open.filter((intent) => keys.includes(intent.key)))
        await state.settle({ key, digest, state: 'aborted' });
      const committed = await state.commit({ header, records: left }, version);
      if (typeof committed !== 'string')
        throw new Failure('lockfile-changed', committed.message, { hint: 'run the command again' });
      if (flags.format !== 'human') runtime.stdout.write(json(flags, { formatVersion: '1.0', removed: keys }));
      else
        for (const key of keys)
          runtime.stdout.write(`- ${escapeControl(key)}   no longer recorded; in Datadog it stays\n`);
      return 0;
    } finally {
      await release();
    }
  });
}

/** Loads, and says what an interrupted apply left open. */
async function loadAndReport(state: StateStore, { stderr, env }: Runtime): Promise<Snapshot> {
  const snapshot = await state.load();
  for (const { message, hint } of openProblems(snapshot.open, 'this lockfile'))
    stderr.write(`! ${escapeControl(message)}\n  ${symbolsOf(isUnicode(env)).next} ${escapeControl(hint ?? '')}\n`);
  return snapshot;
}

/** The lockfile anew from live, only for keys that manifests name. A damaged one is put aside when the new one is written. */
export async function stateRebuild(flags: CommonFlags & DatadogFlags, runtime: Runtime): Promise<ExitCode> {
  return runSurvey(
    { command: 'state rebuild', flags, runtime, records: true, through: damageAsNothing },
    async (survey, at) => {
      const { manifests, snapshot, live } = survey;
      const records = new Map<Key, RecordedConnection>();
      for (const to of manifests.desired.values()) {
        const there = live.get(to.key);
        if (there !== undefined) records.set(to.key, rebuilt(to, there.spec));
      }
      for (const key of snapshot.records.keys()) {
        if (!records.has(key))
          at.report({
            type: 'problem',
            problem: problem(
              'not-rebuilt',
              `${key} was recorded, and is not any more: ${manifests.desired.has(key) ? 'it is not in Datadog' : 'no manifest names it'}`,
            ),
          });
      }
      const unknown = problem(
        'rebuilt',
        'what was last applied is not known: a field or value that was removed from a manifest before its last apply now counts as made in Datadog, and is left alone',
        {
          hint: 'connsync plan says what is left to do',
        },
      );
      at.report({ type: 'problem', problem: unknown });
      await replaceRecords(survey, at, records);
      return 0;
    },
  );
}

/** Of live only what the manifest speaks of: the rest was never known to be ours. */
function rebuilt({ key, spec, owner, protect }: DesiredConnection, live: Spec): RecordedConnection {
  const there = fieldsOf(live);
  const fields = (spec.fields ?? []).flatMap((field) => {
    const { id, source_name, type, display_name, description, groups } = there.get(field.id) ?? {};
    if (id === undefined || source_name === undefined || type === undefined) return [];
    return [
      {
        id,
        source_name,
        type,
        ...(field.display_name === undefined || display_name === undefined ? {} : { display_name }),
        ...(field.description === undefined || description === undefined ? {} : { description }),
        ...(field.groups === undefined || groups === undefined ? {} : { groups }),
      },
    ];
  });
  const metadata = Object.fromEntries(
    Object.entries(live.metadata ?? {}).filter(
      ([name]) => spec.metadata !== undefined && Object.hasOwn(spec.metadata, name),
    ),
  );
  const { type, join_attribute, join_type } = live;
  return {
    key,
    spec: canonicalSpec({ type, join_attribute, join_type, fields, metadata }),
    ...compact({ owner }),
    ...(protect ? { protect } : {}),
  };
}

/** A store whose damaged lockfile counts as none; it is moved aside, and kept, at the moment in which a new one takes its place. */
function damageAsNothing(state: StateStore, { lockfile }: Workspace): StateStore {
  let damaged = false;
  const load = async (): Promise<Snapshot> => {
    try {
      return await state.load();
    } catch (cause) {
      if (!(cause instanceof Failure) || !cause.code.startsWith('lockfile-')) throw cause;
      damaged = true;
      return { header: undefined, records: new Map(), open: [], uncommitted: [], version: NOTHING };
    }
  };
  return {
    ...state,
    load,
    commit: async (next, ifVersion) => {
      if (damaged) renameSync(lockfile.path, freeName(`${lockfile.path}.damaged`));
      return state.commit(next, ifVersion);
    },
  };
}

/** The path itself, or with the first number behind it that is free. */
function freeName(path: string, number = 1): string {
  const name = number === 1 ? path : `${path}.${number}`;
  return existsSync(name) ? freeName(path, number + 1) : name;
}

function storeFor(flags: StateFlags, runtime: Runtime): StateStore {
  return openWorkspace(flags, runtime).openStore();
}

function requireRecord(found: RecordedConnection | undefined, key: Key): RecordedConnection {
  if (found !== undefined) return found;
  throw new Failure('usage', `${key} is not in the lockfile`, { hint: 'connsync state list shows what is' });
}

function shown({ key, owner, protect, spec, conflicting, normalised }: RecordedConnection): object {
  return { key, owner, protect, ...(conflicting === undefined ? { spec } : { conflicting }), normalised };
}

/** One document, in one line for ndjson. */
function json({ format }: CommonFlags, value: object): string {
  return `${escapeControlJson(value, format === 'ndjson' ? undefined : 2)}\n`;
}
