import type { Problem } from '../../core/diagnostic.ts';
import { escapeControl } from '../../core/escape-control.ts';
import { planSentence } from './plan-text.ts';
import { problemBlocks, problemLine, type DrawCodeFrame } from './problem-text.ts';
import type { TerminalStyle, Reporter, Sinks } from '../reporter.ts';
import { styleFor } from './style.ts';

/** Returns the human reporter of `connsync report`. It prints the plan in one sentence, and the path of the page. */
export function reportReporter({ out, err }: Sinks, terminal: TerminalStyle, draw: DrawCodeFrame): Reporter {
  const errStyle = styleFor('err', terminal);
  const errors: Problem[] = [];
  return {
    report: (event) => {
      switch (event.type) {
        case 'problem':
          if (event.problem.severity === 'error') errors.push(event.problem);
          else if (!terminal.quiet) err(problemLine(event.problem, errStyle));
          break;
        case 'planned':
          out(`${planSentence(event.summary)}\n`);
          for (const { message, hint } of event.refusals)
            out(`An apply would be refused: ${escapeControl(message)}.\n  ${errStyle.next} ${escapeControl(hint)}\n`);
          break;
        case 'file-written':
          out(`wrote ${escapeControl(event.file)}\n`);
          break;
        case 'waiting':
          if (!terminal.quiet) err(`${errStyle.dim(`waiting: ${escapeControl(event.reason)}`)}\n`);
          break;
        case 'start':
        case 'stopping':
        case 'progress':
        case 'file-skipped':
        case 'loaded':
        case 'action':
        case 'rate-limit':
        case 'end':
        case 'drift':
        case 'drift-summary':
        case 'files-changed':
        case 'plan-skipped':
        case 'action-deferred':
        case 'scheduled':
        case 'started':
        case 'applied':
        case 'failed':
        case 'skipped':
        case 'recorded':
        case 'record-failed':
          break;
        default:
          event satisfies never;
      }
    },
    close: async () => {
      if (errors.length > 0) err(problemBlocks(errors, errStyle, draw));
    },
  };
}
