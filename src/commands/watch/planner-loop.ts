import { setTimeout as sleep } from 'node:timers/promises';
import { Failure, hasErrors, problem, problemIdentity, type Problem } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import type { Plan } from '../../core/plan.ts';
import type { DecisionMemory } from '../../core/planner.ts';
import type { StateStore } from '../../core/ports.ts';
import { openManifestCache } from '../../manifest/manifest-cache.ts';
import type { Manifests } from '../../manifest/read-all.ts';
import { reconcile, type Access, type ReconcileOptions, type Reconciled } from '../../reconcile/plan-pass.ts';
import { differing, leftAlone } from '../../watch/decide.ts';
import { openDriftReporter } from '../../watch/drift.ts';
import type { Work } from '../../watch/run-machine.ts';
import { nonDestructive, suppressRepeats, rejectDestructive } from './auto-apply.ts';
import { fingerprintsBeside } from './fingerprints.ts';
import type { WatchFlags } from '../flags.ts';
import { findInputs, type Inputs } from '../../session/workspace.ts';
import { openLiveCache, type LiveCache } from './live-cache.ts';
import { applyOptions, concurrencyOf, prepare, type Prepared } from '../../session/reconcile-session.ts';
import type { PlanningOptions } from '../../session/planning-options.ts';
import { openStore } from '../../session/store.ts';
import { watchMode } from './mode.ts';
import type { Runtime } from '../../runtime/runtime.ts';

export interface ReplannerOptions {
  readonly flags: WatchFlags;
  readonly runtime: Runtime;
  readonly report: Report;
  /** Aborted: start nothing new, finish what is in flight, record it. */
  readonly signal: AbortSignal;
  /** Asked before an apply that a person wanted. Throws a Failure `not-confirmed`. */
  readonly confirm: (plan: Plan) => Promise<void>;
  /** Told of the manifests that were found, where they are not those of the last time. */
  readonly found: (files: readonly string[]) => void;
  /** Told what is to be watched, whenever something may be another folder or file than before. */
  readonly watches: (inputs: Inputs) => void;
  /** Told whether plans are made from what is live, when the settings say so anew. */
  readonly aimed: (isLive: boolean) => void;
  /** Told of a failure that no save can mend. */
  readonly ended: (failure: Failure) => void;
  /** Told before each pass, and what it saw: what is shown beside the events. */
  readonly audience?: PlanObserver | undefined;
}

export interface PlanObserver {
  begins(): void;
  saw(manifests: Manifests, done: Reconciled | undefined, planning: PlanningOptions | undefined): void;
}

/** What a watch does again and again, with what it knows from the last time. */
export interface Replanner extends Work {
  /** Lists what is live anew; false where it could not, which has been told. */
  renew(): Promise<boolean>;
  isStrained(): boolean;
  close(): Promise<void>;
}

/** Whether plans are made from what is live, and where from; anew where connsync.yaml says something new. */
interface Aim {
  readonly prepared: Prepared;
  readonly live: LiveCache;
  readonly state: StateStore;
  readonly settings: string;
}

export function openReplanner({
  flags,
  runtime,
  report,
  signal,
  confirm,
  found,
  watches,
  aimed,
  ended,
  audience,
}: ReplannerOptions): Replanner {
  const manifestMemory = openManifestCache();
  const memory: DecisionMemory = new WeakMap();
  const reportDrift = openDriftReporter(report);
  let aim: Aim | undefined;
  let contents: ReadonlyMap<string, string> | undefined;
  let planned: Plan | undefined;
  let warned: ReadonlySet<string> = new Set();
  let isDriftDue = true;
  /** Something was saved that no apply has taken up yet. */
  let pending = false;

  const aimAt = async (inputs: Inputs): Promise<Aim> => {
    const settings = JSON.stringify(inputs.settings);
    if (aim?.settings === settings) return aim;
    const prepared = prepare(inputs, { flags, runtime, modeOf: watchMode(flags) });
    if ('failure' in prepared) throw prepared.failure;
    await aim?.live.close();
    aim = {
      prepared,
      settings,
      live: openLiveCache({ ...prepared, flags, runtime, report }),
      state: openStore(prepared.inputs.lockfile, runtime),
    };
    aimed(prepared.mode !== 'offline');
    return aim;
  };

  const pass = ({ prepared, state }: Aim, rest: PassRest): Promise<Reconciled> => {
    const { destination, inputs, planning } = prepared;
    return reconcile({
      target: destination.target,
      manifests: inputs.manifests,
      folders: inputs.folders,
      state,
      lockfile: inputs.lockfile.shown,
      ...planning,
      memory,
      clock: runtime.clock,
      signal,
      ...rest,
    });
  };

  /** Undefined where it failed as something may, which has been told. */
  const attempt = async <T>(
    body: () => Promise<T>,
    isFatal = isOfKeys,
    inWords = (told: Problem): Problem => told,
  ): Promise<T | undefined> => {
    try {
      return await body();
    } catch (cause) {
      if (signal.aborted) return undefined;
      if (!(cause instanceof Failure)) throw cause;
      if (isFatal(cause)) ended(cause);
      else report({ type: 'problem', problem: inWords(cause.toProblem()) });
      return undefined;
    }
  };

  /** What stands on disk now, and which names differ from what the last plan was made from. */
  const terminal = (settings: Inputs, inputs: Inputs): Looked => {
    const { manifests, lockfile } = inputs;
    const { manifests: read, contents: files } = manifestMemory.read(manifests);
    const now = new Map([...files, ...fingerprintsBeside(settings, lockfile)]);
    const isFirst = contents === undefined;
    const changed = contents === undefined ? [] : differing(contents, now);
    contents = now;
    if (isFirst || changed.length > 0) {
      watches(inputs);
      found([...files.keys()]);
    }
    const state = new Set([lockfile.shown, `${lockfile.shown}.journal`]);
    return { read, changed, saves: changed.filter((name) => !state.has(name)) };
  };

  /** Whether all stands still as it was planned, a moment later. */
  const isQuiet = async (settings: Inputs, { prepared }: Aim): Promise<boolean> => {
    await sleep(QUIET_MS, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
    const { manifests, lockfile } = prepared.inputs;
    const now = new Map([...manifestMemory.read(manifests).contents, ...fingerprintsBeside(settings, lockfile)]);
    return contents !== undefined && differing(contents, now).length === 0;
  };

  const planOver = async (at: Aim, { read }: Looked): Promise<Plan | undefined> => {
    const warnings = new Set<string>();
    const reporting: Report = (event) => {
      if (event.type === 'problem') warnings.add(problemIdentity(event.problem));
      report(event);
    };
    const done = await attempt(() => pass(at, { read: () => read, datadog: readAccess(at), report: reporting }));
    audience?.saw(read, done, at.prepared.planning);
    if (done?.plan === undefined) return undefined;
    planned = done.plan;
    warned = warnings;
    if (flags.apply === true)
      for (const { kind, key } of leftAlone(planned)) report({ type: 'action-deferred', kind, key });
    const { manifests, snapshot, live } = done.sides ?? {};
    if (isDriftDue && manifests !== undefined && snapshot !== undefined && live !== undefined) {
      reportDrift({ desired: manifests.desired, recorded: snapshot.records, live });
      isDriftDue = false;
    }
    return planned;
  };

  const plan: Replanner['plan'] = async ({ saved, listed, anew }) => {
    audience?.begins();
    if (anew) aim?.live.lists.forget();
    const settings = findInputs(flags, runtime);
    const isFirst = contents === undefined;
    // What a flag or the environment says wrong ends it at once; what connsync.yaml says wrong can be mended.
    const at = hasErrors(settings.problems)
      ? undefined
      : await attempt(
          () => aimAt(settings),
          () => isFirst,
        );
    const looked = terminal(settings, (at ?? aim)?.prepared.inputs ?? settings);
    const { changed, saves } = looked;
    if (saved && !listed && !anew && !isFirst && changed.length === 0) return { due: false };
    // What an apply of our own recorded is no news.
    const news = anew ? saves : changed;
    if (news.length > 0) report({ type: 'files-changed', files: news });
    for (const told of settings.problems) report({ type: 'problem', problem: told });
    // Neither side of drift moves with a manifest. What somebody else recorded they also did: the lists of before know nothing of it.
    const isRecorded = saves.length < changed.length;
    if (isRecorded && !anew) at?.live.lists.forget();
    if (listed || anew || isRecorded) isDriftDue = true;
    if (saves.length > 0 && !isFirst) pending = true;
    const made = at === undefined ? undefined : await planOver(at, looked);
    if (at === undefined) audience?.saw(looked.read, undefined, undefined);
    if (made === undefined) {
      if (!signal.aborted) report({ type: 'plan-skipped' });
      return { due: false };
    }
    // An apply that failed is not begun again by the plan behind it, but by the next save or look.
    const isAsked = saves.length > 0 || listed;
    return { due: flags.apply === true && pending && isAsked && made.actions.length > leftAlone(made).length };
  };

  const apply: Replanner['apply'] = async ({ asked }) => {
    if (aim === undefined) return;
    const at = aim;
    const settings = findInputs(flags, runtime);
    if (hasErrors(settings.problems)) {
      for (const told of settings.problems) report({ type: 'problem', problem: told });
      report({ type: 'plan-skipped' });
      return;
    }
    // An editor may be in the middle of a file that reads well as far as it goes: what a save began is not half done.
    if (!asked && !(await isQuiet(settings, at))) return;
    const { inputs, planning, settleMs } = at.prepared;
    const concurrency = concurrencyOf(undefined, inputs.settings.concurrency);
    const { connect, release } = at.live.writer(concurrency);
    const left = asked || planned === undefined ? [] : leftAlone(planned);
    const options = applyOptions(runtime, {
      command: 'watch',
      concurrency,
      settleMs,
      confirm: asked ? confirm : async (anew) => rejectDestructive(anew),
    });
    const datadog: Access = { kind: 'writes', connect, apply: options };
    try {
      const done = await attempt(
        () =>
          pass(at, {
            datadog,
            report: suppressRepeats(report, warned),
            ...(asked ? {} : nonDestructive(planning, left)),
          }),
        () => false,
        asked ? (told) => told : inAWatch,
      );
      // What a guard refused stays refused until something is saved.
      if (done !== undefined) pending = false;
      for (const { code, message, hint } of done?.refusals ?? [])
        report({ type: 'problem', problem: problem(code, message, { hint }) });
    } finally {
      await release();
    }
  };

  return {
    plan,
    apply,
    renew: async () => {
      if (aim === undefined || aim.prepared.mode === 'offline') return true;
      const { lists } = aim.live;
      const done = await attempt(async () => {
        await lists.renew(signal);
        return true;
      });
      return done === true;
    },
    isStrained: () => aim?.live.isStrained() ?? false,
    close: async () => aim?.live.close(),
  };
}

/** So long a save must have stood before it is applied, in milliseconds. */
const QUIET_MS = 600;

/** There is no --lock-timeout here, and no need of one. */
function inAWatch(told: Problem): Problem {
  return told.code === 'lock-held' ? { ...told, hint: 'it is tried again at the next save, and with r' } : told;
}

type PassRest = Pick<ReconcileOptions, 'datadog' | 'report'> & Partial<ReconcileOptions>;

interface Looked {
  readonly read: Manifests;
  readonly changed: readonly string[];
  /** Those of them that a person saved: all but the lockfile and its journal. */
  readonly saves: readonly string[];
}

function readAccess({ prepared, live }: Aim): Access {
  return prepared.mode === 'offline' ? { kind: 'offline' } : { kind: 'reads', connect: async () => live.lists.reader };
}

/** No save mends a key. */
function isOfKeys({ code }: Failure): boolean {
  return code === 'credentials-missing' || code === 'credentials-rejected';
}
