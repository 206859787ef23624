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

/** Rebuilds the lockfile from live connections that have a manifest. Keeps a damaged lockfile under another name. */
export async function stateRebuild(flags: CommonFlags & DatadogFlags, runtime: Runtime): Promise<ExitCode> {
  return runSurvey(
    { command: 'state rebuild', flags, runtime, writesLockfile: true, wrapStore: replaceDamaged },
    async (survey, context) => {
      const { manifests, snapshot, live } = survey;
      const records = new Map<Key, RecordedConnection>();
      for (const desired of manifests.desired.values()) {
        const existing = live.get(desired.key);
        if (existing !== undefined) records.set(desired.key, rebuiltRecord(desired, existing.spec));
      }
      for (const key of snapshot.records.keys()) {
        if (!records.has(key))
          context.report({
            type: 'problem',
            problem: problem(
              'not-rebuilt',
              `${key} is no longer recorded: ${manifests.desired.has(key) ? 'it is not in Datadog' : 'it has no manifest'}`,
            ),
          });
      }
      const unknown = problem(
        'rebuilt',
        'the lockfile no longer knows what was last applied: fields and values that were removed from a manifest but not yet from Datadog now count as made in Datadog, and connsync leaves them alone',
        {
          hint: 'run connsync plan to see the remaining changes',
        },
      );
      context.report({ type: 'problem', problem: unknown });
      await replaceRecords(survey, context, records);
      return 0;
    },
  );
}

/**
 * Returns a record of the parts of a live connection that its manifest mentions. Leaves out the other parts, because
 * nothing shows that connsync created them.
 */
function rebuiltRecord({ key, spec, owner, protect }: DesiredConnection, live: Spec): RecordedConnection {
  const liveFields = fieldsOf(live);
  const fields = (spec.fields ?? []).flatMap((field) => {
    const { id, source_name, type, display_name, description, groups } = liveFields.get(field.id) ?? {};
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

/**
 * Returns a store that reads a damaged lockfile as an empty one. Renames the damaged file just before the new one is
 * written.
 */
function replaceDamaged(state: StateStore, { lockfile }: Workspace): StateStore {
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

/** Returns the path, with a number added if the file already exists. */
function freeName(path: string, number = 1): string {
  const name = number === 1 ? path : `${path}.${number}`;
  return existsSync(name) ? freeName(path, number + 1) : name;
}
