import type { CommandContext } from '../command-context.ts';

/** Registers the hidden command `help [command]`, because users of git and kubectl expect it. */
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
