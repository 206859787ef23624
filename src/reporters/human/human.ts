import { escapeControl } from '../../core/escape-control.ts';
import type { SyncEvent } from '../../core/event.ts';
import type { Reporter, Sinks, TerminalStyle } from '../reporter.ts';
import { openRunRecorder } from '../run-record.ts';
import { openHumanOutput, type HumanView, type HumanOutput } from './screen.ts';

/** Prints results on stdout, and warnings, progress and errors on stderr, using the view of the command. */
export async function humanReporter(command: string, sinks: Sinks, terminal: TerminalStyle): Promise<Reporter> {
  const screen = openHumanOutput(sinks, terminal);
  const recorder = openRunRecorder();
  const view = await viewOf(command, screen);
  return {
    report: (event) => {
      recorder.report(event);
      reportProgress(event, screen);
      view.report?.(event, recorder.current());
    },
    close: async () => {
      screen.progress.rest();
      await view.close(recorder.current());
    },
  };
}

/** Opens the view of a command, and loads only that one, so that a command starts faster. */
async function viewOf(command: string, screen: HumanOutput): Promise<HumanView> {
  switch (command) {
    case 'validate':
      return (await import('./validate-view.ts')).validateView(screen);
    case 'fmt':
      return (await import('./fmt-view.ts')).fmtView(screen);
    case 'drift':
      return (await import('./drift-view.ts')).driftView(screen);
    case 'plan':
    case 'apply':
      return (await import('./plan-view.ts')).planView(screen);
    default:
      return (await import('./files-view.ts')).filesView(screen);
  }
}

function reportProgress(event: SyncEvent, { terminal, errStyle, err, progress }: HumanOutput): void {
  switch (event.type) {
    case 'started':
      return progress.started(event.key);
    case 'applied':
    case 'failed':
    case 'skipped':
      return progress.ended(event.key);
    case 'progress':
      return progress.doing(escapeControl(event.doing), event.done, event.total);
    case 'waiting':
      return progress.waiting(escapeControl(event.reason), event.ms);
    case 'rate-limit':
      return progress.limit(event);
    case 'stopping':
      if (terminal.live && !terminal.quiet)
        err(
          `${errStyle.dim('stopping: finishing and recording the requests in flight; interrupt again to stop at once')}\n`,
        );
      return undefined;
    default:
      return undefined;
  }
}
