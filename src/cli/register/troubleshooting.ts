import type { DriftFlags, OutputFlags } from '../../session/flags.ts';
import { addCommand, type CommandContext } from '../command-context.ts';
import { addCommonFlags, addDatadogFlags, addOutputFlags } from '../options.ts';

export function registerTroubleshooting(context: CommandContext): void {
  const { runtime, setExitCode } = context;

  addDatadogFlags(addCommonFlags(addCommand(context, 'doctor', 'Check keys, site, permissions and network'))).action(
    async (flags: DriftFlags) => {
      setExitCode(await (await import('../../commands/doctor.ts')).doctor(flags, runtime));
    },
  );

  addOutputFlags(addCommand(context, 'explain', 'Explain a problem code, and how to fix it'))
    .argument('[code]', 'problem code, for example unknown-property; without one, lists all codes')
    .action(async (code: string | undefined, flags: OutputFlags) => {
      setExitCode(await (await import('../../commands/explain.ts')).explain(code, flags, runtime));
    });

  addOutputFlags(addCommand(context, 'version', 'Print the version')).action(async (flags: OutputFlags) => {
    setExitCode((await import('../../commands/version.ts')).version(flags, runtime));
  });
}
