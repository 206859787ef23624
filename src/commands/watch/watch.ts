import { realpathSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { Failure, problem, type ExitCode, type Problem } from '../../core/diagnostic.ts';
import type { Report } from '../../core/event.ts';
import { loadFrames } from '../../reporters/human/problem-text.ts';
import { watchReporter, type Screen } from '../../reporters/watch/watch.ts';
import { watchFiles, type FileWatch } from '../../watch/files.ts';
import { startPolling, type Polling } from '../../watch/poll.ts';
import { startMachine } from '../../watch/run-machine.ts';
import type { WatchFlags } from '../../session/flags.ts';
import { openWorkspace, SETTINGS_FILE, type Workspace } from '../../session/workspace.ts';
import { listenForKeypresses } from './keypress.ts';
import { terminalStyle } from '../../runtime/terminal.ts';
import { setUpPass } from '../../session/reconcile-session.ts';
import { openKeypressPrompt } from './keypress-prompt.ts';
import { PlannerLoop, type PlanObserver } from './planner-loop.ts';
import { deferred } from '../../session/deferred.ts';
import { runSession } from '../../session/session.ts';
import { watchAccess } from './mode.ts';
import type { Runtime } from '../../runtime/runtime.ts';

/** Plans at every save, until somebody ends it. What is live is listed at an interval. */
export async function watch(flags: WatchFlags, runtime: Runtime): Promise<ExitCode> {
  const workspace = openWorkspace(flags, runtime);
  const setup = deferred(() => setUpPass(workspace, { flags, runtime, accessOf: watchAccess(flags) }));
  const isLive = (setup.value?.access ?? 'offline') !== 'offline';
  const interactive = flags.format === 'human' && runtime.stdin.isTTY === true && runtime.stderr.isTTY;
  const draw = await loadFrames();
  let screen: Screen | undefined;
  const ui = flags.ui === true ? (await import('./status-page.ts')).openWatchPage(runtime, draw) : undefined;
  return runSession(
    {
      command: 'watch',
      target: workspace.target,
      compared: isLive ? ['lockfile', 'live'] : ['lockfile'],
      flags,
      runtime,
      applies: flags.apply === true,
      beside: ui === undefined ? [] : [ui.reporter],
      human: (sinks) => {
        const opened = watchReporter(sinks, {
          terminal: terminalStyle(flags, runtime),
          folders: workspace.folders.shown,
          applies: flags.apply === true,
          interactive,
          draw,
          now: runtime.clock.now,
        });
        ({ screen } = opened);
        return opened.reporter;
      },
    },
    async (report) => {
      if (flags.apply === true && flags.yes !== true && !interactive)
        throw new Failure('not-confirmed', 'every save would be applied, and nobody is there to ask', {
          hint: 'say --yes, or leave out --apply',
        });
      if (ui === undefined && flags.port !== undefined)
        throw new Failure('conflicting-settings', '--port is where the status page listens, and there is none', {
          hint: 'say --ui too, or leave out --port',
        });
      try {
        await ui?.listen(flags.port ?? 0);
        await watchUntilLeft({ flags, runtime, report, screen: interactive ? screen : undefined, observer: ui });
      } finally {
        await ui?.close();
      }
      return 0;
    },
  );
}

interface Watching {
  readonly flags: WatchFlags;
  readonly runtime: Runtime;
  readonly report: Report;
  /** Only where somebody is at a terminal. */
  readonly screen: Screen | undefined;
  /** Only with --ui. */
  readonly observer: PlanObserver | undefined;
}

/** Connects files, clock, keys and signals to the machine, and takes all of it apart again on every way out. */
async function watchUntilLeft({ flags, runtime, report, screen, observer }: Watching): Promise<void> {
  const leaving = new AbortController();
  // Whoever closes the pipe has seen enough.
  const unread = runtime.stdout.closed === undefined ? [] : [runtime.stdout.closed];
  const signal = AbortSignal.any([runtime.interrupts.stop, leaving.signal, ...unread]);
  let ended: Failure | undefined;
  let files: { readonly scope: string; readonly watch: FileWatch } | undefined;
  /** All that are open: one may be left before it has taken another's place. */
  const watching = new Set<FileWatch>();
  /** Folders as manifests are named by, and where they really are. */
  let shownAs: ReadonlyMap<string, string> = new Map();
  let polling: Polling | undefined;
  const questions = openKeypressPrompt(screen, signal);

  const watchInputs = ({ folders, lockfile }: Workspace): void => {
    // A folder that is named may be a link: what is told of it is told of the folder itself, and where it leads may change.
    const named = folders.shown.map((folder) => resolve(runtime.cwd, folder));
    const real = named.map(realFolder);
    shownAs = new Map(folders.shown.map((folder, index) => [`${folder}/`, `${real[index]}${sep}`]));
    const scope = JSON.stringify([real, named, lockfile.path]);
    if (files?.scope === scope) return;
    const before = files?.watch;
    const opened = watchFiles({
      base: runtime.cwd,
      folders: real,
      files: [...named, join(runtime.cwd, SETTINGS_FILE), lockfile.path, `${lockfile.path}.journal`],
      touched: () => machine.tell({ type: 'touched' }),
      settled: () => machine.tell({ type: 'settled' }),
      failed: (cause) => report({ type: 'problem', phase: 'poll', problem: watchIncomplete(cause) }),
    });
    files = { scope, watch: opened };
    watching.add(opened);
    void takeOver(opened, before);
  };

  const unwatch = async (one: FileWatch): Promise<void> => {
    watching.delete(one);
    await one.close();
  };

  /** What was saved before it watched is looked for once it does. */
  const takeOver = async (opened: FileWatch, before: FileWatch | undefined): Promise<void> => {
    await opened.ready;
    if (before !== undefined) await unwatch(before);
    machine.tell({ type: 'settled' });
  };

  const reportFound = (names: readonly string[]): void => {
    const folders = [...shownAs];
    files?.watch.found(
      names.flatMap((name) => {
        const [shown, real] = folders.find(([folder]) => name.startsWith(folder)) ?? [];
        return shown === undefined || real === undefined ? [] : real + name.slice(shown.length);
      }),
    );
  };

  const poll = (on: boolean): void => {
    if (on === (polling !== undefined)) return;
    polling?.stop();
    polling = on
      ? startPolling({
          everyMs: flags.interval,
          renew: () => planner.renew(),
          listed: () => machine.tell({ type: 'listed' }),
          scheduled: (ms) => report({ type: 'scheduled', ms }),
          isStrained: () => planner.isStrained(),
          random: runtime.clock.random,
        })
      : undefined;
  };

  const planner = new PlannerLoop({
    flags,
    runtime,
    report,
    signal,
    observer,
    onWorkspace: watchInputs,
    onTarget: poll,
    onManifests: reportFound,
    confirm: async (plan) => {
      screen?.plan(plan);
      if (await questions.ask('Apply these changes? y/N')) return;
      throw new Failure('not-confirmed', 'not confirmed, nothing was sent', { hint: 'press a, then y' });
    },
    onFatal: (failure) => {
      ended ??= failure;
      leaving.abort();
    },
  });
  const machine = startMachine(planner);

  const onKey = (key: string): void => {
    if (questions.answer(key)) return;
    if (key === 'q') leaving.abort();
    if (key === 'p') screen?.plan();
    if (key === '?') screen?.help();
    if (key !== 'a' && key !== 'r') return;
    screen?.expect();
    if (key === 'a') machine.tell({ type: 'apply' });
    else if (polling === undefined) machine.tell({ type: 'listed' });
    else polling.now();
  };

  signal.addEventListener('abort', () => {
    polling?.stop();
    machine.tell({ type: 'stop' });
  });
  const unlisten = screen === undefined ? undefined : listenForKeypresses(runtime, onKey);
  try {
    watchInputs(openWorkspace(flags, runtime));
    machine.tell({ type: signal.aborted ? 'stop' : 'listed' });
    await machine.left;
    if (ended !== undefined) throw ended;
  } finally {
    polling?.stop();
    unlisten?.();
    await Promise.all([...watching].map(unwatch));
    await planner.close();
  }
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function watchIncomplete(cause: Error): Problem {
  return problem('watch-incomplete', `not everything can be watched: ${cause.message}`, {
    hint: 'on Linux raise fs.inotify.max_user_watches; until then, press r after a save, or start it again',
  });
}
