import type { ApplyFlags, CommonFlags, PlanFlags, ReportFlags, WatchFlags } from '../../session/flags.ts';
import { addCommand, type CommandContext } from '../command-context.ts';
import {
  addApplyFlags,
  addCommonFlags,
  addDatadogFlags,
  addDetailedExitcode,
  addPlanningFlags,
  addWatchFlags,
  grouped,
} from '../options.ts';
import type { CommandName } from '../help.ts';
import type { Command } from 'commander';

export function registerPlanAndApply(context: CommandContext): void {
  const { runtime, setExitCode } = context;

  addCommonFlags(addCommand(context, 'validate', 'Check the manifests, without a network')).action(
    async (flags: CommonFlags) => {
      setExitCode(await (await import('../../commands/validate.ts')).validate(flags, runtime));
    },
  );

  addDetailedExitcode(addPlanningCommand(context, 'plan', 'Show the changes an apply would make'))
    .alias('diff')
    .addOption(grouped('Output:', '--out <file>', 'write the plan to a file, for apply --plan'))
    .action(async (flags: PlanFlags) => {
      setExitCode(await (await import('../../commands/plan.ts')).plan(flags, runtime));
    });

  addApplyFlags(
    addDetailedExitcode(addPlanningCommand(context, 'apply', 'Apply the plan and update the lockfile')),
  ).action(async (flags: ApplyFlags) => {
    setExitCode(await (await import('../../commands/apply.ts')).apply(flags, runtime));
  });

  addWatchFlags(addPlanningCommand(context, 'watch', 'Plan after every save, and report drift')).action(
    async (flags: WatchFlags) => {
      setExitCode(await (await import('../../commands/watch/watch.ts')).watch(flags, runtime));
    },
  );

  addDetailedExitcode(addPlanningCommand(context, 'report', 'Write the plan to an HTML file'))
    .addOption(grouped('Output:', '--out <file>', 'path of the HTML file').default('report.html'))
    .action(async (flags: ReportFlags) => {
      setExitCode(await (await import('../../commands/report.ts')).report(flags, runtime));
    });
}

function addPlanningCommand(context: CommandContext, name: CommandName, summary: string): Command {
  return addPlanningFlags(addDatadogFlags(addCommonFlags(addCommand(context, name, summary))));
}
