import { escapeControl } from '../../core/escape-control.ts';
import type { SyncEvent } from '../../core/event.ts';
import type { Reporter, Sinks, TerminalStyle } from '../reporter.ts';
import { openRunRecorder, type RunRecord } from '../run-record.ts';
import { driftView } from './drift-view.ts';
import { fmtView } from './fmt-view.ts';
import { filesView } from './files-view.ts';
import { planView } from './plan-view.ts';
import { openHumanOutput, type HumanView, type HumanOutput } from './screen.ts';
import { validateView } from './validate-view.ts';

/** Prints results on stdout, and warnings, progress and errors on stderr, using the view of the running command. */
export function humanReporter(sinks: Sinks, terminal: TerminalStyle): Reporter {
  const screen = openHumanOutput(sinks, terminal);
  const recorder = openRunRecorder();
  let view: HumanView = viewOf('', screen);
  return {
    report: (event) => {
      recorder.report(event);
      if (event.type === 'start') view = viewOf(event.command, screen);
      reportProgress(event, screen);
      view.report?.(event, recorder.current());
    },
    close: async () => {
      screen.progress.rest();
      await view.close(recorder.current());
    },
  };
}

function viewOf(command: RunRecord['command'], screen: HumanOutput): HumanView {
  switch (command) {
    case 'validate':
      return validateView(screen);
    case 'fmt':
      return fmtView(screen);
    case 'drift':
      return driftView(screen);
    case 'plan':
    case 'apply':
      return planView(screen);
    default:
      return filesView(screen);
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
