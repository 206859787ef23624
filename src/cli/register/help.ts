import type { CommandContext } from '../command-context.ts';

/** Registers the hidden `help [command]`, since git and kubectl have it too. */
export function registerHelp({ program }: CommandContext): void {
  program
    .command('help', { hidden: true })
    .argument('[command]')
    .action((name: string | undefined) => {
      if (name === undefined) return program.outputHelp();
      const command = program.commands.find((each) => each.name() === name || each.aliases().includes(name));
      if (command === undefined) return program.error(`error: unknown command '${name}'`);
      return command.outputHelp();
    });
}
