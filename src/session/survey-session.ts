import { join } from 'node:path';
import { hasErrors, type ExitCode } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import type { LockfileHeader, StateStore } from '../core/ports.ts';
import { survey, type Survey } from '../reconcile/survey.ts';
import { connectorFor } from './datadog-clients.ts';
import { findDestination, LOCAL_SITE, requireCheckedTls, type Destination } from './destination.ts';
import type { CommonFlags, DatadogFlags } from '../commands/flags.ts';
import { findInputs, withLocalLockfile, type Inputs } from './workspace.ts';
import { runSession, type SessionOptions } from './session.ts';
import { openStore } from './store.ts';
import type { Runtime } from '../runtime/runtime.ts';

export interface SurveySessionOptions {
  readonly command: string;
  readonly flags: CommonFlags & DatadogFlags;
  readonly runtime: Runtime;
  /** Entities to list, whatever is in use. */
  readonly entities?: readonly string[];
  /** Where no manifest is needed yet. */
  readonly withoutFolders?: boolean;
  /** The command writes the lockfile: it holds it from before the first look. */
  readonly records?: boolean;
  /** What a person reads, where the command has a way of its own to say it. */
  readonly human?: SessionOptions['human'];
  /** Another way to look at the store, such as one that takes damage for nothing. */
  readonly through?: (state: StateStore, inputs: Inputs) => StateStore;
}

/** What a command has at hand once it has looked. */
export interface SurveyContext {
  readonly inputs: Inputs;
  readonly state: StateStore;
  readonly report: Report;
  /** Monotonic milliseconds at which the run began. */
  readonly started: number;
}

/** One run of a command that looks at all three sides first: drift, import, accept, state rebuild. */
export async function runSurvey(
  options: SurveySessionOptions,
  decide: (survey: Survey, at: SurveyContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { command, flags, runtime } = options;
  const started = runtime.clock();
  const found = findInputs(flags, runtime);
  const aimed = resolveTarget(found, options);
  const target =
    'failure' in aimed
      ? { environment: 'default', site: flags.site ?? found.settings.site ?? 'datadoghq.com' }
      : aimed.destination.target;
  const human = options.human === undefined ? {} : { human: options.human };
  return runSession({ command, target, compared: ['lockfile', 'live'], flags, runtime, ...human }, async (report) => {
    for (const problem of found.problems) report({ type: 'problem', problem });
    if ('failure' in aimed) throw aimed.failure;
    if (hasErrors(found.problems)) return 3;
    const { inputs, destination } = aimed;
    const { lockfile } = inputs;
    const store = openStore(lockfile, runtime);
    const state = options.through === undefined ? store : options.through(store, inputs);
    const connector = connectorFor({
      command,
      destination,
      flags,
      runtime,
      report,
      localData: join(runtime.cwd, '.connsync', 'local'),
    });
    const release =
      options.records === true
        ? await state.hold({ command, since: runtime.now() }, 0, runtime.interrupts.stop)
        : undefined;
    try {
      const seen = await survey({
        target: destination.target,
        manifests: inputs.manifests,
        folders: inputs.folders,
        state,
        lockfile: lockfile.shown,
        connect: () => connector.reader(),
        ...(options.entities === undefined ? {} : { entities: options.entities }),
        ...(options.withoutFolders === undefined ? {} : { withoutFolders: options.withoutFolders }),
        clock: runtime.clock,
        report,
        signal: runtime.interrupts.stop,
      });
      return seen === undefined ? 3 : await decide(seen, { inputs, state, report, started });
    } finally {
      await release?.();
      await connector.close();
    }
  });
}

/**
 * The header of a lockfile that this run writes records into. Folders that it didn't know are taken in beside its own: with
 * records from all of them, a run over only some must not prune.
 */
export function headerFor({ snapshot, target }: Survey, { folders }: Inputs): LockfileHeader {
  const org = target.org ?? snapshot.header?.org;
  const manifests = [...new Set([...(snapshot.header?.manifests ?? []), ...folders.recorded])];
  return { ...snapshot.header, site: target.site, ...(org === undefined ? {} : { org }), manifests };
}

function resolveTarget(
  found: Inputs,
  { flags, runtime }: SurveySessionOptions,
): { readonly inputs: Inputs; readonly destination: Destination } | { readonly failure: unknown } {
  try {
    const destination = findDestination(flags, found.settings, found.lockfile.path, runtime.env);
    requireCheckedTls(destination, runtime.env);
    const inputs = destination.target.site === LOCAL_SITE ? withLocalLockfile(found, flags, runtime) : found;
    return { inputs, destination };
  } catch (failure) {
    return { failure };
  }
}
