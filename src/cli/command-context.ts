import type { Command } from 'commander';
import type { ExitCode } from '../core/diagnostic.ts';
import { symbolsOf } from '../reporters/human/symbols.ts';
import { isUnicode } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { aboutOf, helpTail, helpWidth, type CommandName } from './help.ts';

/** The context in which a command registers itself. */
export interface CommandContext {
  readonly program: Command;
  readonly runtime: Runtime;
  readonly setExitCode: (code: ExitCode) => void;
  /** Runs another command line. `demo` uses this to run several commands. */
  readonly run: (args: readonly string[], runtime: Runtime) => Promise<ExitCode>;
}

/** Adds a command with its help, but without its own flags. The summary is a verb phrase of at most 45 characters. */
export function addCommand({ program, runtime }: CommandContext, name: CommandName, summary: string): Command {
  const { next } = symbolsOf(isUnicode(runtime.env));
  return program
    .command(name)
    .summary(summary)
    .description(aboutOf(name, summary))
    .allowExcessArguments(false)
    .showHelpAfterError(`${next} run connsync ${name} --help to list its flags`)
    .addHelpText('after', ({ error }) => helpTail(name, helpWidth(runtime, error)));
}
