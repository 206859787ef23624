import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Failure, problem, type ExitCode, type Problem } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import { loadFrames } from '../report/problem-text.ts';
import { watchReporter, type Screen } from '../report/watch.ts';
import { watchFiles, type FileWatch } from '../watch/files.ts';
import { startPolling, type Polling } from '../watch/poll.ts';
import { startMachine } from '../watch/run.ts';
import type { WatchFlags } from './flags.ts';
import { findInputs, SETTINGS_FILE, type Inputs } from './inputs.ts';
import { listenForKeys } from './keys.ts';
import { lookOf } from './look.ts';
import { prepare } from './pass.ts';
import { openQuestions } from './questions.ts';
import { openReplanner, type Audience } from './replan.ts';
import { runSession } from './session.ts';
import { watchMode } from './watch-mode.ts';
import type { World } from './world.ts';

/** Plans at every save, until somebody ends it. What is live is listed at an interval. */
export async function watch(flags: WatchFlags, world: World): Promise<ExitCode> {
  const found = findInputs(flags, world);
  const prepared = prepare(found, { flags, world, modeOf: watchMode(flags) });
  const known = 'failure' in prepared ? undefined : prepared;
  const isLive = known !== undefined && known.mode !== 'offline';
  const interactive = flags.format === 'human' && world.stdin.isTTY === true && world.stderr.isTTY;
  const draw = await loadFrames();
  let screen: Screen | undefined;
  const ui = flags.ui === true ? (await import('./ui.ts')).openUi(world, draw) : undefined;
  return runSession(
    {
      command: 'watch',
      target: known?.destination.target ?? { environment: 'default', site: flags.site ?? 'datadoghq.com' },
      compared: isLive ? ['lockfile', 'live'] : ['lockfile'],
      flags,
      world,
      applies: flags.apply === true,
      beside: ui === undefined ? [] : [ui.reporter],
      human: (sinks) => {
        const opened = watchReporter(sinks, {
          look: lookOf(flags, world),
          folders: found.folders.shown,
          applies: flags.apply === true,
          interactive,
          draw,
          now: world.now,
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
        await watchUntilLeft({ flags, world, report, isLive, screen: interactive ? screen : undefined, audience: ui });
      } finally {
        await ui?.close();
      }
      return 0;
    },
  );
}

interface Watching {
  readonly flags: WatchFlags;
  readonly world: World;
  readonly report: Report;
  readonly isLive: boolean;
  /** Only where somebody is at a terminal. */
  readonly screen: Screen | undefined;
  /** Only with --ui. */
  readonly audience: Audience | undefined;
}

/** Connects files, clock, keys and signals to the machine, and takes all of it apart again on every way out. */
async function watchUntilLeft({ flags, world, report, isLive, screen, audience }: Watching): Promise<void> {
  const leaving = new AbortController();
  const signal = AbortSignal.any([world.interrupts.stop, leaving.signal]);
  let ended: Failure | undefined;
  let files: { readonly scope: string; readonly watch: Promise<FileWatch> } | undefined;
  let polling: Polling | undefined;
  const questions = openQuestions(screen, signal);

  const watchInputs = ({ folders, lockfile }: Inputs): void => {
    const scope = JSON.stringify([folders.shown, lockfile.path]);
    if (files?.scope === scope) return;
    const before = files?.watch;
    const opened = watchFiles({
      base: world.cwd,
      folders: folders.shown.map((folder) => realFolder(resolve(world.cwd, folder))),
      files: [join(world.cwd, SETTINGS_FILE), lockfile.path, `${lockfile.path}.journal`],
      touched: () => machine.tell({ type: 'touched' }),
      settled: () => machine.tell({ type: 'settled' }),
      failed: (cause) => report({ type: 'problem', problem: unwatched(cause) }),
    });
    files = { scope, watch: opened };
    void takeOver(opened, before);
  };

  /** What was saved before it watched is looked for once it does. */
  const takeOver = async (opened: Promise<FileWatch>, before: Promise<FileWatch> | undefined): Promise<void> => {
    await opened;
    await (await before)?.close();
    machine.tell({ type: 'settled' });
  };

  const tellFound = async (names: readonly string[]): Promise<void> =>
    (await files?.watch)?.found(names.map((name) => join(world.cwd, name)));

  const replanner = openReplanner({
    flags,
    world,
    report,
    signal,
    audience,
    moved: watchInputs,
    found: (names) => void tellFound(names),
    confirm: async (plan) => {
      screen?.plan(plan);
      if (await questions.ask('Apply these changes? y/N')) return;
      throw new Failure('not-confirmed', 'not confirmed, nothing was sent', { hint: 'press a, then y' });
    },
    ended: (failure) => {
      ended ??= failure;
      leaving.abort();
    },
  });
  const machine = startMachine(replanner);

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
  const unlisten = screen === undefined ? undefined : listenForKeys(world, onKey);
  try {
    watchInputs(findInputs(flags, world));
    machine.tell({ type: signal.aborted ? 'stop' : 'listed' });
    if (isLive)
      polling = startPolling({
        everyMs: flags.interval,
        renew: () => replanner.renew(),
        listed: () => machine.tell({ type: 'listed' }),
        scheduled: (ms) => report({ type: 'scheduled', ms }),
        isStrained: () => replanner.isStrained(),
        random: Math.random,
      });
    await machine.left;
    if (ended !== undefined) throw ended;
  } finally {
    polling?.stop();
    unlisten?.();
    await (await files?.watch)?.close();
    await replanner.close();
  }
}

/** A folder that is named may be a link, and what is told of it is told of the folder itself. */
function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function unwatched(cause: Error): Problem {
  return problem('unwatched', `not everything can be watched: ${cause.message}`, {
    hint: 'on Linux raise fs.inotify.max_user_watches; until then, press r after a save, or start it again',
  });
}
