import { Failure } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import type { WatchScreen } from '../../reporters/watch/watch.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { WatchFlags } from '../../session/flags.ts';
import { openWorkspace } from '../../session/workspace.ts';
import { startPolling, type Polling } from '../../watch/poll.ts';
import { startMachine, type RunningMachine } from '../../watch/run-machine.ts';
import { listenForKeypresses } from './keypress.ts';
import { openKeypressPrompt, type KeypressPrompt } from './keypress-prompt.ts';
import { PlannerLoop, type PlanObserver } from './planner-loop.ts';
import { WatchedFiles } from './watched-files.ts';

export interface WatchLoopOptions {
  readonly flags: WatchFlags;
  readonly runtime: Runtime;
  readonly report: Report;
  /** The terminal output of the watch. Undefined unless the user is at a terminal. */
  readonly screen: WatchScreen | undefined;
  /** Receives each planning pass for the status page. Undefined without --ui. */
  readonly observer: PlanObserver | undefined;
}

/** Connects the state machine of a watch with files, clock, keys and signals. */
export class WatchLoop {
  readonly #options: WatchLoopOptions;
  readonly #quit = new AbortController();
  readonly #signal: AbortSignal;
  readonly #prompt: KeypressPrompt;
  readonly #files: WatchedFiles;
  readonly #planner: PlannerLoop;
  readonly #machine: RunningMachine;
  #polling: Polling | undefined;
  #fatal: Failure | undefined;

  constructor(options: WatchLoopOptions) {
    const { runtime, report, screen } = options;
    this.#options = options;
    this.#signal = AbortSignal.any([
      runtime.interrupts.stop,
      this.#quit.signal,
      ...(runtime.stdout.closed === undefined ? [] : [runtime.stdout.closed]),
    ]);
    this.#prompt = openKeypressPrompt(screen, this.#signal);
    this.#files = new WatchedFiles({
      cwd: runtime.cwd,
      touched: () => this.#machine.dispatch({ type: 'touched' }),
      settled: () => this.#machine.dispatch({ type: 'settled' }),
      onProblem: (problem) => report({ type: 'problem', phase: 'poll', problem }),
    });
    this.#planner = this.#openPlanner();
    this.#machine = startMachine(this.#planner);
  }

  /** Runs until the user quits or a signal arrives. Throws a Failure that the user can't fix by saving a file. */
  async run(): Promise<void> {
    const { flags, runtime, screen } = this.#options;
    this.#signal.addEventListener('abort', () => {
      this.#polling?.stop();
      this.#machine.dispatch({ type: 'stop' });
    });
    const unlisten = screen === undefined ? undefined : listenForKeypresses(runtime, (key) => this.#pressed(key));
    try {
      this.#files.watch(openWorkspace(flags, runtime));
      this.#machine.dispatch({ type: this.#signal.aborted ? 'stop' : 'listed' });
      await this.#machine.ended;
      if (this.#fatal !== undefined) throw this.#fatal;
    } finally {
      this.#polling?.stop();
      unlisten?.();
      await this.#files.close();
      await this.#planner.close();
    }
  }

  #openPlanner(): PlannerLoop {
    const { flags, runtime, report, screen, observer } = this.#options;
    return new PlannerLoop({
      flags,
      runtime,
      report,
      signal: this.#signal,
      observer,
      onWorkspace: (workspace) => this.#files.watch(workspace),
      onTarget: (isLive) => this.#poll(isLive),
      onManifests: (manifests) => this.#files.found(manifests),
      confirm: async (plan) => {
        screen?.plan(plan);
        if (await this.#prompt.ask('Apply these changes? y/N')) return;
        throw new Failure('not-confirmed', 'not confirmed, nothing was sent', { hint: 'press a, then y' });
      },
      onFatal: (failure) => {
        this.#fatal ??= failure;
        this.#quit.abort();
      },
    });
  }

  #poll(isLive: boolean): void {
    const { flags, runtime, report } = this.#options;
    if (isLive === (this.#polling !== undefined)) return;
    this.#polling?.stop();
    this.#polling = isLive
      ? startPolling({
          everyMs: flags.interval,
          refresh: () => this.#planner.renew(),
          listed: () => this.#machine.dispatch({ type: 'listed' }),
          scheduled: (ms) => report({ type: 'scheduled', ms }),
          isThrottled: () => this.#planner.isStrained(),
          random: runtime.clock.random,
        })
      : undefined;
  }

  #pressed(key: string): void {
    const { screen } = this.#options;
    if (this.#prompt.answer(key)) return;
    if (key === 'q') this.#quit.abort();
    if (key === 'p') screen?.plan();
    if (key === '?') screen?.help();
    if (key !== 'a' && key !== 'r') return;
    screen?.expect();
    if (key === 'a') this.#machine.dispatch({ type: 'apply' });
    else if (this.#polling === undefined) this.#machine.dispatch({ type: 'listed' });
    else this.#polling.now();
  }
}
