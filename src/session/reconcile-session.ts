import { resolve } from 'node:path';
import { compact } from '../core/compact.ts';
import { Failure, hasErrors, type ExitCode } from '../core/diagnostic.ts';
import { escapeControlJson } from '../core/escape-control.ts';
import type { Report } from '../core/event.ts';
import type { Reviewed } from '../core/review.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { applyPass, type ApplyOptions } from '../reconcile/apply-pass.ts';
import { INVALID_MANIFESTS, type PassResult } from '../reconcile/make-plan.ts';
import { planPass } from '../reconcile/plan-pass.ts';
import { planDocument } from '../reporters/json.ts';
import { openRunRecorder } from '../reporters/run-record.ts';
import type { Reporter } from '../reporters/reporter.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { DatadogClients } from './datadog-clients.ts';
import { deferred } from './deferred.ts';
import { incompleteCredentialsWarning, requireCheckedTls, type Destination } from './destination.ts';
import { DEFAULTS, type PlanFlags } from './flags.ts';
import { planningOptions, type PlanningOptions } from './planning-options.ts';
import { rejectProtectedPath } from './protected-paths.ts';
import { runSession, type SessionOptions } from './session.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

/** How a run may use Datadog. */
export type Access = 'offline' | 'reads' | 'writes';

export interface ReconcileSessionOptions {
  readonly command: 'plan' | 'apply' | 'report';
  readonly flags: PlanFlags;
  readonly runtime: Runtime;
  /** Returns the access of this run. Throws a Failure if flags contradict each other. */
  readonly accessOf: (flags: PlanFlags, destination: Destination) => Access;
  readonly applying?: Pick<ApplyOptions, 'confirm' | 'lockWaitMs'> & { readonly concurrency: number | undefined };
  /**
   * Returns the plan or checksum that was reviewed before this apply. Throws a Failure if the plan file can't be
   * read.
   */
  readonly reviewed?: () => Reviewed | undefined;
  /** Path of the file to write the plan to. */
  readonly planFile?: string | undefined;
  /** Absolute path of another file that the command writes; rejected if it is one of connsync's own files. */
  readonly outputFile?: string;
  /** Called with the result of the pass, before the `end` event. Not called if the run failed. */
  readonly onPass?: (result: PassResult, context: PassContext) => Promise<void>;
  readonly human?: SessionOptions['human'];
  readonly extraReporters?: readonly Reporter[];
}

/** The workspace and setup of a pass. */
export interface PassContext {
  readonly workspace: Workspace;
  readonly setup: PassSetup;
  readonly report: Report;
}

/** The options of a pass from flags, environment and settings. */
export interface PassSetup {
  readonly destination: Destination;
  readonly access: Access;
  readonly reviewed: Reviewed | undefined;
  readonly planning: PlanningOptions;
  readonly settleMs: number;
}

/** Runs the command plan, apply or report: makes one pass and reports its events. Returns the exit code. */
export async function runReconcile(options: ReconcileSessionOptions): Promise<ExitCode> {
  const { command, flags, runtime } = options;
  const workspace = openWorkspace(flags, runtime);
  const setup = deferred(() => setUpPass(workspace, options));
  const isLive = (setup.value?.access ?? 'offline') !== 'offline';
  const session: SessionOptions = {
    command,
    target: workspace.target,
    compared: isLive ? ['lockfile', 'live'] : ['lockfile'],
    flags,
    runtime,
    applies: command === 'apply',
    extraReporters: [...planFileReporters(options), ...(options.extraReporters ?? [])],
    ...compact({ human: options.human }),
  };
  return runSession(session, async (report) => {
    for (const problem of workspace.problems) report({ type: 'problem', problem });
    const context = { workspace, setup: setup.get(), report };
    for (const path of outputFiles(options)) rejectProtectedPath(path, workspace, runtime.cwd);
    const result = hasErrors(workspace.problems) ? INVALID_MANIFESTS : await runPass(context, options);
    await options.onPass?.(result, context);
    const hasChanges = (result.plan?.actions.length ?? 0) > 0 && context.setup.access !== 'writes';
    return result.exitCode === 0 && hasChanges && flags.detailedExitcode === true ? 2 : result.exitCode;
  });
}

function outputFiles({ planFile, outputFile, runtime }: ReconcileSessionOptions): readonly string[] {
  return [
    ...(planFile === undefined ? [] : [resolve(runtime.cwd, planFile)]),
    ...(outputFile === undefined ? [] : [outputFile]),
  ];
}

/**
 * Returns the setup of a pass. Throws a Failure (exit code 3 or 6) if flags, environment and settings contradict each
 * other.
 */
export function setUpPass(
  workspace: Workspace,
  {
    flags,
    runtime,
    accessOf,
    reviewed: review,
    planFile,
  }: Pick<ReconcileSessionOptions, 'flags' | 'runtime' | 'accessOf' | 'reviewed' | 'planFile'>,
): PassSetup {
  const destination = workspace.destination();
  const access = accessOf(flags, destination);
  if (access !== 'offline') requireCheckedTls(destination, runtime.env);
  const reviewed = review?.();
  return {
    destination,
    access,
    reviewed,
    settleMs: settleWindow(runtime.env, flags.timeout),
    planning: planningOptions(flags, workspace.settings, reviewed, planFile !== undefined),
  };
}

async function runPass(context: PassContext, options: ReconcileSessionOptions): Promise<PassResult> {
  const { workspace, setup, report } = context;
  const { command, flags, applying, runtime } = options;
  if (setup.access === 'offline' && flags.offline !== true) {
    const warning = incompleteCredentialsWarning(setup.destination.credentials);
    if (warning !== undefined) report({ type: 'problem', problem: warning });
  }
  const clients = workspace.openClients({ command, report });
  const pass = {
    ...passOptions(workspace, setup, runtime),
    state: await workspace.openStore(),
    report,
  };
  try {
    if (setup.access !== 'writes' || applying === undefined)
      return await planPass({ ...pass, connect: setup.access === 'offline' ? undefined : () => clients.reader() });
    return await applyPass({ ...pass, ...applyOptions(context, clients, options, applying) });
  } finally {
    await clients.close();
  }
}

/** Returns the options that all passes over a workspace share. */
export function passOptions(workspace: Workspace, { destination, planning }: PassSetup, runtime: Runtime) {
  return {
    target: destination.target,
    manifests: workspace.manifests,
    folders: workspace.folders,
    lockfile: workspace.lockfile.displayPath,
    ...planning,
    clock: runtime.clock,
    abort: runtime.interrupts,
  };
}

function applyOptions(
  { workspace, setup }: PassContext,
  clients: DatadogClients,
  { runtime }: ReconcileSessionOptions,
  { confirm, lockWaitMs, concurrency: flag }: NonNullable<ReconcileSessionOptions['applying']>,
) {
  const concurrency = concurrencyOf(flag, workspace.settings.concurrency);
  return {
    connect: () => clients.writer(concurrency),
    holder: { command: 'apply', since: runtime.clock.now() },
    concurrency,
    settleMs: setup.settleMs,
    lockWaitMs,
    confirm,
    ...compact({ reviewed: setup.reviewed }),
  };
}

/** Returns the concurrency. Precedence: flag, connsync.yaml, default. */
export function concurrencyOf(flag: number | undefined, setting: number | undefined): number {
  return flag ?? setting ?? DEFAULTS.concurrency;
}

/** The default settle window in milliseconds: a request in flight for longer counts as lost. */
const SETTLE_MS = 30_000;

/**
 * Returns the settle window in milliseconds: CONNSYNC_SETTLE_MS if set, else 30 s or the request timeout, whichever is
 * longer. Throws a Failure `usage` if the variable is not a whole number.
 */
export function settleWindow(env: Runtime['env'], timeoutMs: number): number {
  const given = env['CONNSYNC_SETTLE_MS'];
  if (given === undefined || given === '') return Math.max(SETTLE_MS, timeoutMs);
  if (!/^\d{1,9}$/.test(given))
    throw new Failure('usage', `CONNSYNC_SETTLE_MS is ${JSON.stringify(given)}`, {
      hint: 'set it to whole milliseconds, for example 30000',
    });
  return Number(given);
}

function planFileReporters({ planFile, runtime }: ReconcileSessionOptions): readonly Reporter[] {
  return planFile === undefined ? [] : [planFileReporter(resolve(runtime.cwd, planFile))];
}

/** Returns a reporter that writes the plan to a file as a JSON document. A run without a plan writes no file. */
function planFileReporter(path: string): Reporter {
  const recorder = openRunRecorder();
  return {
    report: (event) => recorder.report(event),
    close: async () => {
      const run = recorder.current();
      if (run.planned !== undefined) writeAtomically(path, `${escapeControlJson(planDocument(run), 2)}\n`);
    },
  };
}
