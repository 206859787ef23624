import { Argument } from 'commander';
import type { EmulatorFlags } from '../../commands/emulator.ts';
import { SHELLS, type Shell } from '../../completion/shells.ts';
import type { InitFlags, OutputFlags } from '../../session/flags.ts';
import { addCommand, type CommandContext } from '../command-context.ts';
import { addDatadogFlags, addEmulatorFlags, addInitFlags, addOutputFlags } from '../options.ts';

export function registerGettingStarted(context: CommandContext): void {
  const { runtime, setExitCode } = context;

  addInitFlags(addDatadogFlags(addOutputFlags(addCommand(context, 'init', 'Create the starter files')))).action(
    async (flags: InitFlags) => {
      setExitCode(await (await import('../../commands/init/init.ts')).init(flags, runtime));
    },
  );

  addOutputFlags(addCommand(context, 'demo', 'Run an example without a Datadog account')).action(
    async (flags: OutputFlags) => {
      setExitCode(await (await import('../../commands/demo.ts')).demo(flags, runtime, context.run));
    },
  );

  addEmulatorFlags(addCommand(context, 'emulator', 'Serve an emulator of Datadog on loopback')).action(
    async (flags: EmulatorFlags) => {
      setExitCode(await (await import('../../commands/emulator.ts')).emulator(flags, runtime));
    },
  );

  registerCompletion(context);
}

/** Registers `completion`, which prints a script, and the hidden `complete`, which that script calls at every tab. */
function registerCompletion(context: CommandContext): void {
  const { program, runtime, setExitCode } = context;

  addCommand(context, 'completion', 'Print completion for bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'shell to print the script for').choices(SHELLS))
    .action(async (shell: Shell) => {
      setExitCode(await (await import('../../commands/completion.ts')).printCompletion(shell, runtime));
    });

  program
    .command('complete', { hidden: true })
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .argument('[words...]')
    .action(async (shell: Shell, words: readonly string[]) => {
      setExitCode(await (await import('../../commands/completion.ts')).complete(shell, words, program, runtime));
    });
}
