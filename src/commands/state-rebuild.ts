import { existsSync, renameSync } from 'node:fs';
import { canonicalSpec } from '../core/canonical.ts';
import { compact } from '../core/compact.ts';
import type { DesiredConnection, Key, RecordedConnection, Spec } from '../core/connection.ts';
import { Failure, problem, type ExitCode } from '../core/diagnostic.ts';
import { fieldsOf } from '../core/difference.ts';
import type { Snapshot, StateStore } from '../core/ports.ts';
import { NOTHING } from '../state/journalled-store.ts';
import type { CommonFlags, DatadogFlags } from '../session/flags.ts';
import { runSurvey } from '../session/survey-session.ts';
import { replaceRecords } from '../session/update-lockfile.ts';
import type { Workspace } from '../session/workspace.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** The lockfile anew from live, only for keys that manifests name. A damaged one is put aside when the new one is written. */
export async function stateRebuild(flags: CommonFlags & DatadogFlags, runtime: Runtime): Promise<ExitCode> {
  return runSurvey(
    { command: 'state rebuild', flags, runtime, writesLockfile: true, wrapStore: damageAsNothing },
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
