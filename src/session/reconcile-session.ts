import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrors, type ExitCode } from '../core/diagnostic.ts';
import type { Compared, Report, Target } from '../core/event.ts';
import type { Reviewed } from '../core/review.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { reconcile, type Access, type ApplyOptions, type Reconciled } from '../reconcile/plan-pass.ts';
import { jsonReporter } from '../reporters/json.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { connectorFor, type Connector } from './datadog-clients.ts';
import { findDestination, LOCAL_SITE, oneKeyWarning, requireCheckedTls, type Destination } from './destination.ts';
import type { PlanFlags } from '../commands/flags.ts';
import { planningOptions, type PlanningOptions } from './planning-options.ts';
import { settleWindow } from './settle-window.ts';
import { findInputs, withLocalLockfile, type Inputs } from './workspace.ts';
import { runSession, type SessionOptions } from './session.ts';
import { refuseOwnFiles } from './protected-paths.ts';
import { openStore } from './store.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** What a run may do at Datadog. */
export type Mode = 'offline' | 'reads' | 'writes';

export interface PassOptions {
  readonly command: 'plan' | 'apply' | 'report';
  readonly flags: PlanFlags;
  readonly runtime: Runtime;
  /** Throws a Failure where the flags contradict each other. */
  readonly modeOf: (flags: PlanFlags, destination: Destination) => Mode;
  readonly applying?: Pick<ApplyOptions, 'confirm' | 'lockWaitMs'> & { readonly concurrency: number | undefined };
  /** What was reviewed before an apply. Throws a Failure where its file can't be read. */
  readonly reviewed?: () => Reviewed | undefined;
  /** Where the plan is written to. */
  readonly out?: string | undefined;
  /** Another file that is written, absolute: it must be none of connsync's own. */
  readonly writes?: string;
  /** Told what the pass came to, while the run can still tell of more. Not told of a run that failed. */
  readonly seen?: (reconciled: Reconciled, seeing: Seeing) => Promise<void>;
  readonly human?: SessionOptions['human'];
  readonly beside?: readonly Reporter[];
}

/** What a pass was made with. */
export interface Seeing {
  readonly prepared: Prepared;
  readonly report: Report;
}

/** What flags, environment and settings come to. */
export interface Prepared {
  readonly inputs: Inputs;
  readonly destination: Destination;
  readonly mode: Mode;
  readonly reviewed: Reviewed | undefined;
  readonly planning: PlanningOptions;
  readonly settleMs: number;
}

const DEFAULT_CONCURRENCY = 4;

/** What plan and apply have in common: flags, environment and settings become options, and the one pass runs. */
export async function runPass(options: PassOptions): Promise<ExitCode> {
  const { command, flags, runtime } = options;
  const found = findInputs(flags, runtime);
  const prepared = prepare(found, options);
  const known = 'failure' in prepared ? undefined : prepared;
  const target: Target = known?.destination.target ?? {
    environment: 'default',
    site: flags.site ?? found.settings.site ?? 'datadoghq.com',
  };
  const compared: Compared = known === undefined || known.mode === 'offline' ? ['lockfile'] : ['lockfile', 'live'];
  const beside = [
    ...(options.out === undefined ? [] : [planFileReporter(resolve(runtime.cwd, options.out))]),
    ...(options.beside ?? []),
  ];
  const human = options.human === undefined ? {} : { human: options.human };
  return runSession(
    { command, target, compared, flags, runtime, applies: command === 'apply', beside, ...human },
    async (report) => {
      for (const problem of found.problems) report({ type: 'problem', problem });
      if ('failure' in prepared) throw prepared.failure;
      // With --site local the lockfile of the real thing is none that this run uses, and is not to be overwritten either.
      for (const path of outputsOf(options))
        for (const inputs of [found, prepared.inputs]) refuseOwnFiles(path, inputs, runtime.cwd);
      const done = hasErrors(found.problems)
        ? ({ exitCode: 3, refusals: [] } as const)
        : await reconcileOver(prepared, options, report);
      await options.seen?.(done, { prepared, report });
      const isChanged = (done.plan?.actions.length ?? 0) > 0 && prepared.mode !== 'writes';
      return done.exitCode === 0 && isChanged && flags.detailedExitcode === true ? 2 : done.exitCode;
    },
  );
}

function outputsOf({ out, writes, runtime }: PassOptions): readonly string[] {
  return [...(out === undefined ? [] : [resolve(runtime.cwd, out)]), ...(writes === undefined ? [] : [writes])];
}

export function prepare(
  found: Inputs,
  {
    flags,
    runtime,
    modeOf,
    reviewed: review,
    out,
  }: Pick<PassOptions, 'flags' | 'runtime' | 'modeOf' | 'reviewed' | 'out'>,
): Prepared | { readonly failure: unknown } {
  try {
    const destination = findDestination(flags, found.settings, found.lockfile.path, runtime.env);
    const { site } = destination.target;
    const inputs = site === LOCAL_SITE ? withLocalLockfile(found, flags, runtime) : found;
    const mode = modeOf(flags, destination);
    if (mode !== 'offline') requireCheckedTls(destination, runtime.env);
    const reviewed = review?.();
    return {
      inputs,
      destination,
      mode,
      reviewed,
      settleMs: settleWindow(runtime.env, flags.timeout),
      planning: planningOptions(flags, found.settings, reviewed, out !== undefined),
    };
  } catch (failure) {
    return { failure };
  }
}

async function reconcileOver(
  { inputs, destination, mode, reviewed, planning, settleMs }: Prepared,
  options: PassOptions,
  report: Report,
): Promise<Reconciled> {
  const { flags, runtime } = options;
  const { settings, lockfile } = inputs;
  const warning = mode === 'offline' && flags.offline !== true ? oneKeyWarning(destination.found) : undefined;
  if (warning !== undefined) report({ type: 'problem', problem: warning });
  const connector = connectorFor({
    command: options.command,
    destination,
    flags,
    runtime,
    report,
    localData: join(runtime.cwd, '.connsync', 'local'),
  });
  try {
    return await reconcile({
      target: destination.target,
      manifests: inputs.manifests,
      folders: inputs.folders,
      state: openStore(lockfile, runtime),
      lockfile: lockfile.shown,
      datadog: accessFor(mode, connector, { setting: settings.concurrency, reviewed, settleMs }, options),
      ...planning,
      clock: runtime.clock,
      report,
      signal: runtime.interrupts.stop,
    });
  } finally {
    await connector.close();
  }
}

interface Applying {
  readonly setting: number | undefined;
  readonly reviewed: Reviewed | undefined;
  readonly settleMs: number;
}

function accessFor(
  mode: Mode,
  connector: Connector,
  { setting, reviewed, settleMs }: Applying,
  { applying, runtime }: PassOptions,
): Access {
  if (mode === 'offline') return { kind: 'offline' };
  if (mode === 'reads' || applying === undefined) return { kind: 'reads', connect: () => connector.reader() };
  const concurrency = concurrencyOf(applying.concurrency, setting);
  return {
    kind: 'writes',
    connect: () => connector.writer(concurrency),
    apply: {
      ...applyOptions(runtime, { command: 'apply', concurrency, settleMs, confirm: applying.confirm }),
      lockWaitMs: applying.lockWaitMs,
      ...(reviewed === undefined ? {} : { reviewed }),
    },
  };
}

/** A flag stands over connsync.yaml, that over the default. */
export function concurrencyOf(flag: number | undefined, setting: number | undefined): number {
  return flag ?? setting ?? DEFAULT_CONCURRENCY;
}

/** An apply with this process's clock and signals. It waits for no other apply. */
export function applyOptions(
  { interrupts, now }: Runtime,
  { command, ...rest }: Pick<ApplyOptions, 'concurrency' | 'settleMs' | 'confirm'> & { readonly command: string },
): ApplyOptions {
  return {
    ...rest,
    holder: { command, since: now() },
    lockWaitMs: 0,
    pause,
    cut: interrupts.cut,
    now,
    random: Math.random,
  };
}

/** Waits, or until the signal is aborted. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch((cause: unknown) => {
    if (!signal.aborted) throw cause;
  });
}

/** The plan as a document in a file. A run that made no plan leaves no file. */
function planFileReporter(path: string): Reporter {
  let planned = false;
  let text = '';
  const document = jsonReporter({ out: (part) => void (text += part), err: () => undefined }, { inputs: true });
  return {
    report: (event) => {
      planned ||= event.type === 'planned';
      document.report(event);
    },
    close: async () => {
      if (!planned) return;
      document.report({ type: 'end', exitCode: 0 });
      writeAtomically(path, text);
    },
  };
}
