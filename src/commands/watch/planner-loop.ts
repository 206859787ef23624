import { hasErrors, problem, problemIdentity, type Failure } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import type { Plan } from '../../core/plan.ts';
import type { StateStore } from '../../core/ports.ts';
import type { Manifests } from '../../manifest/read-all.ts';
import { applyPass } from '../../reconcile/apply-pass.ts';
import type { PassResult } from '../../reconcile/make-plan.ts';
import { planPass } from '../../reconcile/plan-pass.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { WatchFlags } from '../../session/flags.ts';
import type { PlanningOptions } from '../../session/planning-options.ts';
import { concurrencyOf, passOptions, setUpPass, type PassSetup } from '../../session/reconcile-session.ts';
import { openWorkspace, type Workspace } from '../../session/workspace.ts';
import { hasAutoApplicable, deferredActions } from '../../watch/decide.ts';
import { cacheDecisions } from '../../watch/decision-cache.ts';
import { openDriftReporter } from '../../watch/drift.ts';
import type { MachineWork } from '../../watch/run-machine.ts';
import { attempt } from './attempt.ts';
import { nonDestructive, rejectDestructive, suppressRepeats, withWatchHint } from './auto-apply.ts';
import { openDiskState, type DiskChanges } from './disk-state.ts';
import { openLiveCache, type LiveCache } from './live-cache.ts';
import { watchAccess } from './mode.ts';

export interface PlannerLoopOptions {
  readonly flags: WatchFlags;
  readonly runtime: Runtime;
  readonly report: Report;
  /** When aborted, the loop starts nothing new, finishes the requests in flight, and records their results. */
  readonly signal: AbortSignal;
  /** Called before an apply that the user requested. Throws a Failure `not-confirmed` if the user declines. */
  readonly confirm: (plan: Plan) => Promise<void>;
  /** Called with all manifests whenever files changed. */
  readonly onManifests: (files: readonly string[]) => void;
  /** Called when the set of watched folders or files may have changed. */
  readonly onWorkspace: (workspace: Workspace) => void;
  /** Called when new settings have been read, with whether plans are live. */
  readonly onTarget: (isLive: boolean) => void;
  /** Called with a failure that the user can't fix by saving a file, such as rejected credentials. */
  readonly onFatal: (failure: Failure) => void;
  readonly observer?: PlanObserver | undefined;
}

/** Receives the start and the result of each planning pass, for the status page. */
export interface PlanObserver {
  planStarted(): void;
  planFinished(manifests: Manifests, result: PassResult | undefined, planning: PlanningOptions | undefined): void;
}

/** The workspace to plan. It is opened again when connsync.yaml changes. */
interface Session {
  readonly workspace: Workspace;
  readonly setup: PassSetup;
  readonly live: LiveCache;
  readonly state: StateStore;
  /** The settings as JSON, to detect a change of connsync.yaml. */
  readonly settings: string;
}

/** Milliseconds without further changes before a save is applied. */
const QUIET_MS = 600;

/** Does the work of a watch: plans, applies, and lists live connections. Remembers the last plan. */
export class PlannerLoop implements MachineWork {
  readonly #options: PlannerLoopOptions;
  readonly #disk = openDiskState();
  readonly #decide = cacheDecisions();
  readonly #reportDrift: ReturnType<typeof openDriftReporter>;
  #session: Session | undefined;
  #plan: Plan | undefined;
  /** Identities of the last plan's problems, which the next apply doesn't report again. */
  #reported: ReadonlySet<string> = new Set();
  #isDriftDue = true;
  /** Whether a save still has to be applied. */
  #isPending = false;

  constructor(options: PlannerLoopOptions) {
    this.#options = options;
    this.#reportDrift = openDriftReporter(options.report);
  }

  async plan({ saved, listed, relist }: Parameters<MachineWork['plan']>[0]): Promise<{ readonly due: boolean }> {
    const { flags, runtime, report, observer, signal } = this.#options;
    observer?.planStarted();
    if (relist) this.#session?.live.lists.clear();
    const current = openWorkspace(flags, runtime);
    const session = await this.#usableSession(current);
    const disk = this.#readDisk(current, (session ?? this.#session)?.workspace ?? current);
    if (saved && !listed && !relist && !disk.isFirst && disk.changed.length === 0) return { due: false };
    // After this watch has applied, the lockfile's change is its own, so that change is not reported.
    const news = relist ? disk.saved : disk.changed;
    if (news.length > 0) report({ type: 'files-changed', files: news });
    for (const found of current.problems) report({ type: 'problem', problem: found });
    this.#noteChanges(disk, session, { listed, relist });
    const plan = session === undefined ? undefined : await this.#planOver(session, disk.manifests);
    if (session === undefined) observer?.planFinished(disk.manifests, undefined, undefined);
    if (plan === undefined) {
      if (!signal.aborted) report({ type: 'plan-skipped' });
      return { due: false };
    }
    // A failed apply is retried after the next save or list, not after the plan that runs right after the failure.
    const isAsked = disk.saved.length > 0 || listed;
    return { due: flags.apply === true && this.#isPending && isAsked && hasAutoApplicable(plan) };
  }

  async apply({ requested: asked }: Parameters<MachineWork['apply']>[0]): Promise<void> {
    const { flags, runtime, report } = this.#options;
    const session = this.#session;
    if (session === undefined) return;
    const current = openWorkspace(flags, runtime);
    if (hasErrors(current.problems)) {
      for (const found of current.problems) report({ type: 'problem', problem: found });
      report({ type: 'plan-skipped' });
      return;
    }
    // Waits for a pause in saving, because a file that an editor has only half written can already be valid YAML.
    if (!asked && !(await this.#isQuiet(current, session))) return;
    const result = await attempt(this.#options, 'apply', () => this.#applyOver(session, asked), {
      isFatal: () => false,
      reworded: asked ? undefined : withWatchHint,
    });
    // If a guard refused the apply, only a new save can lead to another apply.
    if (result !== undefined) this.#isPending = false;
    for (const { code, message, hint } of result?.refusals ?? [])
      report({ type: 'problem', phase: 'apply', problem: problem(code, message, { hint }) });
  }

  /** Lists the live connections again. Returns false if that failed; the failure has been reported. */
  async renew(): Promise<boolean> {
    if (this.#session === undefined || this.#session.setup.access === 'offline') return true;
    const { lists } = this.#session.live;
    const { signal } = this.#options;
    const renewed = await attempt(this.#options, 'poll', async () => {
      await lists.refresh(signal);
      return true;
    });
    return renewed === true;
  }

  isStrained(): boolean {
    return this.#session?.live.isStrained() ?? false;
  }

  async close(): Promise<void> {
    await this.#session?.live.close();
  }

  /**
   * Returns the session to plan, or undefined if the settings have an error. A wrong flag ends the watch at the first
   * plan. An error in connsync.yaml doesn't, because the user can fix it while the watch runs.
   */
  async #usableSession(current: Workspace): Promise<Session | undefined> {
    if (hasErrors(current.problems)) return undefined;
    const isFirst = this.#session === undefined && this.#plan === undefined;
    return attempt(this.#options, 'plan', () => this.#openSession(current), { isFatal: () => isFirst });
  }

  async #openSession(workspace: Workspace): Promise<Session> {
    const { flags, runtime, report, onTarget } = this.#options;
    const settings = JSON.stringify(workspace.settings);
    if (this.#session?.settings === settings) return this.#session;
    const setup = setUpPass(workspace, { flags, runtime, accessOf: watchAccess(flags) });
    await this.#session?.live.close();
    this.#session = {
      workspace,
      setup,
      settings,
      live: openLiveCache({ workspace, report }),
      state: await workspace.openStore(),
    };
    onTarget(setup.access !== 'offline');
    return this.#session;
  }

  #readDisk(current: Workspace, planned: Workspace): DiskChanges {
    const disk = this.#disk.read(current, planned);
    if (disk.isFirst || disk.changed.length > 0) {
      this.#options.onWorkspace(planned);
      this.#options.onManifests(disk.files);
    }
    return disk;
  }

  /**
   * Notes what to do about changed files. An edited manifest doesn't change the drift. A lockfile written by another
   * process changes the drift, and invalidates the cached lists.
   */
  #noteChanges(
    { changed, saved, isFirst }: DiskChanges,
    session: Session | undefined,
    { listed, relist }: { readonly listed: boolean; readonly relist: boolean },
  ): void {
    const isRecorded = saved.length < changed.length;
    if (isRecorded && !relist) session?.live.lists.clear();
    if (listed || relist || isRecorded) this.#isDriftDue = true;
    if (saved.length > 0 && !isFirst) this.#isPending = true;
  }

  async #planOver(session: Session, manifests: Manifests): Promise<Plan | undefined> {
    const { flags, report, observer } = this.#options;
    const reported = new Set<string>();
    const result = await attempt(this.#options, 'plan', () =>
      planPass({
        ...this.#passOptions(session),
        read: () => manifests,
        connect: session.setup.access === 'offline' ? undefined : async () => session.live.lists.reader,
        report: (event) => {
          if (event.type === 'problem') reported.add(problemIdentity(event.problem));
          report(event);
        },
      }),
    );
    observer?.planFinished(manifests, result, session.setup.planning);
    if (result?.plan === undefined) return undefined;
    this.#plan = result.plan;
    this.#reported = reported;
    if (flags.apply === true)
      for (const { kind, key } of deferredActions(result.plan)) report({ type: 'action-deferred', kind, key });
    this.#reportNewDrift(result);
    return result.plan;
  }

  #reportNewDrift({ gathered }: PassResult): void {
    if (!this.#isDriftDue || gathered?.live === undefined) return;
    const { manifests, snapshot, live } = gathered;
    this.#reportDrift({ desired: manifests.desired, recorded: snapshot.records, live });
    this.#isDriftDue = false;
  }

  async #applyOver(session: Session, asked: boolean): Promise<PassResult> {
    const { runtime, report, confirm } = this.#options;
    const { workspace, setup, live } = session;
    const concurrency = concurrencyOf(undefined, workspace.settings.concurrency);
    const { connect, release } = live.writer(concurrency);
    const deferred = asked || this.#plan === undefined ? [] : deferredActions(this.#plan);
    try {
      return await applyPass({
        ...this.#passOptions(session),
        ...(asked ? {} : nonDestructive(setup.planning, deferred)),
        report: suppressRepeats(report, this.#reported),
        connect,
        concurrency,
        settleMs: setup.settleMs,
        holder: { command: 'watch', since: runtime.clock.now() },
        lockWaitMs: 0,
        confirm: asked ? confirm : async (plan) => rejectDestructive(plan),
      });
    } finally {
      await release();
    }
  }

  #passOptions({ workspace, setup, state }: Session) {
    const { runtime, signal } = this.#options;
    return {
      ...passOptions(workspace, setup, runtime),
      state,
      decide: this.#decide,
      abort: { stop: signal, cut: runtime.interrupts.cut },
    };
  }

  /** Waits a moment, then returns whether the files on disk are still those of the plan. */
  async #isQuiet(current: Workspace, { workspace }: Session): Promise<boolean> {
    const { runtime, signal } = this.#options;
    await runtime.clock.sleep(QUIET_MS, signal);
    return !signal.aborted && this.#disk.isUnchanged(current, workspace);
  }
}
