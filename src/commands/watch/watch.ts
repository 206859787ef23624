import { Failure, type ExitCode } from '../../core/diagnostic.ts';
import { loadFrames } from '../../reporters/human/problem-text.ts';
import { watchReporter, type WatchScreen } from '../../reporters/watch/watch.ts';
import { terminalStyle } from '../../runtime/terminal.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { deferred } from '../../session/deferred.ts';
import type { WatchFlags } from '../../session/flags.ts';
import { setUpPass } from '../../session/reconcile-session.ts';
import { runSession } from '../../session/session.ts';
import { openWorkspace } from '../../session/workspace.ts';
import { watchAccess } from './mode.ts';
import { WatchLoop } from './watch-loop.ts';

/** Plans after every save until the user quits, and checks for drift at an interval. */
export async function watch(flags: WatchFlags, runtime: Runtime): Promise<ExitCode> {
  const workspace = openWorkspace(flags, runtime);
  const setup = deferred(() => setUpPass(workspace, { flags, runtime, accessOf: watchAccess(flags) }));
  const isLive = (setup.value?.access ?? 'offline') !== 'offline';
  const interactive = flags.format === 'human' && runtime.stdin.isTTY === true && runtime.stderr.isTTY;
  const draw = await loadFrames();
  let screen: WatchScreen | undefined;
  const ui = flags.ui === true ? (await import('./status-page.ts')).openWatchPage(runtime, draw) : undefined;
  return runSession(
    {
      command: 'watch',
      target: workspace.target,
      compared: isLive ? ['lockfile', 'live'] : ['lockfile'],
      flags,
      runtime,
      applies: flags.apply === true,
      extraReporters: ui === undefined ? [] : [ui.reporter],
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
      checkFlags(flags, interactive);
      try {
        await ui?.listen(flags.port ?? 0);
        await new WatchLoop({
          flags,
          runtime,
          report,
          screen: interactive ? screen : undefined,
          observer: ui,
        }).run();
      } finally {
        await ui?.close();
      }
      return 0;
    },
  );
}

/** Throws a Failure if --apply is used without a terminal and without --yes, or if --port is used without --ui. */
function checkFlags(flags: WatchFlags, interactive: boolean): void {
  if (flags.apply === true && flags.yes !== true && !interactive)
    throw new Failure('not-confirmed', '--apply needs --yes without a terminal, because it applies every save', {
      hint: 'add --yes, or remove --apply',
    });
  if (flags.ui !== true && flags.port !== undefined)
    throw new Failure('conflicting-settings', '--port is the port of the status page, and works only with --ui', {
      hint: 'add --ui, or remove --port',
    });
}
