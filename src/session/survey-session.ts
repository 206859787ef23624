import { compact } from '../core/compact.ts';
import { hasErrors, type ExitCode } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import type { StateStore } from '../core/ports.ts';
import { survey, type Survey } from '../reconcile/survey.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { deferred } from './deferred.ts';
import { requireCheckedTls, type Destination } from './destination.ts';
import type { CommonFlags, DatadogFlags } from './flags.ts';
import { runSession, type SessionOptions } from './session.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

export interface SurveySessionOptions {
  readonly command: string;
  readonly flags: CommonFlags & DatadogFlags;
  readonly runtime: Runtime;
  /** The entities to list. If absent, those of the manifests and the lockfile. */
  readonly entities?: readonly string[];
  /** True to treat a missing manifest folder as an empty one. */
  readonly allowMissingFolders?: boolean;
  /** True if the command writes the lockfile. It then takes the lock before it reads anything. */
  readonly writesLockfile?: boolean;
  /** The human reporter, if the command has one of its own. */
  readonly human?: SessionOptions['human'];
  /** Wraps the store, for example to read a damaged lockfile as an empty one. */
  readonly wrapStore?: (state: StateStore, workspace: Workspace) => StateStore;
}

/** The context of a command after the survey. */
export interface SurveyContext {
  readonly workspace: Workspace;
  readonly state: StateStore;
  readonly report: Report;
  /** The start of the run, in milliseconds of the monotonic clock. */
  readonly started: number;
}

/** Runs a command that first reads manifests, lockfile and Datadog: drift, import, accept, state rebuild. */
export async function runSurvey(
  options: SurveySessionOptions,
  decide: (survey: Survey, context: SurveyContext) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { command, flags, runtime } = options;
  const started = runtime.clock.monotonic();
  const workspace = openWorkspace(flags, runtime);
  const destination = deferred(() => checkedDestination(workspace, runtime));
  const session: SessionOptions = {
    command,
    target: workspace.target,
    compared: ['lockfile', 'live'],
    flags,
    runtime,
    ...compact({ human: options.human }),
  };
  return runSession(session, async (report) => {
    for (const problem of workspace.problems) report({ type: 'problem', problem });
    const { target } = destination.get();
    if (hasErrors(workspace.problems)) return 3;
    const store = await workspace.openStore();
    const state = options.wrapStore?.(store, workspace) ?? store;
    const clients = workspace.openClients({ command, report });
    const release = options.writesLockfile === true ? await holdNow(state, options) : undefined;
    try {
      const { manifests, folders, lockfile } = workspace;
      const found = await survey({
        target,
        manifests,
        folders,
        state,
        lockfile: lockfile.displayPath,
        connect: () => clients.reader(),
        ...compact({ entities: options.entities, allowMissingFolders: options.allowMissingFolders }),
        clock: runtime.clock,
        report,
        abort: runtime.interrupts,
      });
      return found === undefined ? 3 : await decide(found, { workspace, state, report, started });
    } finally {
      await release?.();
      await clients.close();
    }
  });
}

function checkedDestination(workspace: Workspace, { env }: Runtime): Destination {
  const destination = workspace.destination();
  requireCheckedTls(destination, env);
  return destination;
}

function holdNow(state: StateStore, { command, runtime }: SurveySessionOptions): Promise<() => Promise<void>> {
  return state.hold({ command, since: runtime.clock.now() }, 0, runtime.interrupts.stop);
}
