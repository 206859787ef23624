import { Command, CommanderError } from 'commander';
import type { ExitCode } from '../core/diagnostic.ts';
import { escapeControl, escapeControlText } from '../core/escape-control.ts';
import { symbolsOf } from '../reporters/human/symbols.ts';
import { isUnicode } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { CommandContext } from './command-context.ts';
import { commandHelp, helpWidth } from './help.ts';
import { registerAuthoring } from './register/authoring.ts';
import { registerDriftAndImport } from './register/drift-and-import.ts';
import { registerGettingStarted } from './register/getting-started.ts';
import { registerHelp } from './register/help.ts';
import { registerPlanAndApply } from './register/plan-and-apply.ts';
import { registerState } from './register/state.ts';
import { registerTroubleshooting } from './register/troubleshooting.ts';

/** Runs one command line: the arguments after the program's name. Returns the exit code; prints usage errors itself. */
export async function run(args: readonly string[], runtime: Runtime): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = buildProgram(args, runtime, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (cause) {
    if (!(cause instanceof CommanderError)) throw cause;
    // Commander throws for --help and --version too, with exit code 0.
    return cause.exitCode === 0 ? 0 : 3;
  }
}

/** Returns the command line parser with every command and its flags. The code of a command is loaded when it runs. */
export function buildProgram(
  args: readonly string[],
  runtime: Runtime,
  setExitCode: (code: ExitCode) => void,
): Command {
  const program = new Command('connsync');
  configure(program, args, runtime);
  const context: CommandContext = { program, runtime, setExitCode, run };
  registerGettingStarted(context);
  registerPlanAndApply(context);
  registerDriftAndImport(context);
  registerAuthoring(context);
  registerState(context);
  registerTroubleshooting(context);
  registerHelp(context);
  return program;
}

function configure(program: Command, args: readonly string[], runtime: Runtime): void {
  const { bad, next } = symbolsOf(isUnicode(runtime.env));
  program
    .description('Keeps the connections of Datadog Product Analytics in Git.')
    .version(runtime.version, '-V, --version', 'print the version')
    .usage('<command> [flags]')
    .exitOverride()
    .configureHelp({
      minWidthToWrap: 20,
      subcommandTerm: (command) => [command.name(), ...command.aliases()].join(', '),
      formatHelp: commandHelp,
    })
    .helpCommand(false)
    .showSuggestionAfterError()
    .showHelpAfterError(`${next} run connsync --help to list the commands`)
    .configureOutput({
      writeOut: (text) => runtime.stdout.write(text),
      writeErr: (text) => runtime.stderr.write(text),
      getOutHelpWidth: () => helpWidth(runtime, false),
      getErrHelpWidth: () => helpWidth(runtime, true),
      outputError: (text, write) =>
        write(
          escapeControlText(withEscapedArguments(text, args))
            .replace(/^error: /, `${bad} `)
            .replace(TERRAFORMS_YES, '$&\n(Did you mean --yes?)'),
        ),
    });
}

/** Terraform's flag for --yes, which is too different for commander's suggestions. */
const TERRAFORMS_YES = /unknown option '--?auto-approve'$/m;

/**
 * Escapes the arguments that a usage error quotes, because a line break in an argument could imitate a line of
 * connsync's output.
 */
function withEscapedArguments(text: string, args: readonly string[]): string {
  return args
    .filter((arg) => escapeControl(arg) !== arg)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, arg) => rest.replaceAll(arg, escapeControl(arg)), text);
}
