import type { Problem } from '../../core/diagnostic.ts';
import { printable } from '../../core/escape-control.ts';
import { planSentence } from './plan-text.ts';
import { problemBlocks, problemLine, type DrawFrame } from './problem-text.ts';
import type { Look, Reporter, Sinks } from '../reporter.ts';
import { styleFor } from './style.ts';

/** What a person reads of `connsync report`: the plan in a sentence and where the page is; the rest stands in the page. */
export function reportReporter({ out, err }: Sinks, look: Look, draw: DrawFrame): Reporter {
  const aside = styleFor('err', look);
  const errors: Problem[] = [];
  return {
    report: (event) => {
      switch (event.type) {
        case 'problem':
          if (event.problem.severity === 'error') errors.push(event.problem);
          else if (!look.quiet) err(problemLine(event.problem, aside));
          break;
        case 'planned':
          out(`${planSentence(event.summary)}\n`);
          for (const { message, hint } of event.refusals)
            out(`Refused as it stands: ${printable(message)}.\n  ${aside.next} ${printable(hint)}\n`);
          break;
        case 'wrote':
          out(`wrote ${printable(event.file)}\n`);
          break;
        case 'waiting':
          if (!look.quiet) err(`${aside.dim(`waiting: ${printable(event.reason)}`)}\n`);
          break;
        case 'start':
        case 'stopping':
        case 'progress':
        case 'left':
        case 'loaded':
        case 'action':
        case 'limit':
        case 'end':
        case 'compared':
        case 'surveyed':
        case 'changed':
        case 'kept':
        case 'held':
        case 'scheduled':
        case 'started':
        case 'applied':
        case 'failed':
        case 'skipped':
        case 'recorded':
        case 'unrecorded':
          break;
        default:
          event satisfies never;
      }
    },
    close: async () => {
      if (errors.length > 0) err(problemBlocks(errors, aside, draw));
    },
  };
}
