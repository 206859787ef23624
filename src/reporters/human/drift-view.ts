import { driftText } from './drift-text.ts';
import { openWarnings, printErrors, type HumanView, type HumanOutput } from './screen.ts';

export function driftView(screen: HumanOutput): HumanView {
  const warnings = openWarnings(screen);
  return {
    report: (event, run) => {
      if (event.type !== 'drift-summary') return;
      warnings.print(run);
      screen.out(driftText(run.drift, { summary: event.summary, site: event.target.site }, screen.outStyle));
    },
    close: async (run) => {
      warnings.print(run);
      await printErrors(run, screen);
    },
  };
}
