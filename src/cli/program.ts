import { Argument, Command, CommanderError } from 'commander';
import { SHELLS, type Shell } from '../completion/shells.ts';
import type { ExitCode } from '../core/diagnostic.ts';
import { escapeControl, escapeControlText } from '../core/escape-control.ts';
import { symbolsOf } from '../reporters/human/symbols.ts';
import type { EmulatorFlags } from '../commands/emulator.ts';
import {
  addApplyFlags,
  addCommonFlags,
  addDatadogFlags,
  addDetailedExitcode,
  addInitFlags,
  addOutputFlags,
  addPlanningFlags,
  addWatchFlags,
  grouped,
  SCHEMA_NAMES,
  type ApplyFlags,
  type AcceptFlags,
  type CommonFlags,
  type DatadogFlags,
  type ImportFlags,
  type OutputFlags,
  type DriftFlags,
  type FmtFlags,
  type InitFlags,
  type PlanFlags,
  type ReportFlags,
  portNumber,
  type SchemaFlags,
  type SchemaName,
  type StateFlags,
  type WatchFlags,
} from '../commands/flags.ts';
import { aboutOf, commandHelp, helpTail, helpWidth } from './help.ts';
import { keyArgument } from './key-argument.ts';
import { isUnicode } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Runs one command line: the arguments behind the program's name. Resolves with the exit code; prints usage errors itself. */
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
    // Help and version end the same way as errors do; only they are fine.
    return cause.exitCode === 0 ? 0 : 3;
  }
}

/** An argument's own line breaks would begin lines that look like ours. */
function withArgumentsInert(text: string, args: readonly string[]): string {
  return args
    .filter((arg) => escapeControl(arg) !== arg)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, arg) => rest.replaceAll(arg, escapeControl(arg)), text);
}

/** The command line as data: every command with its flags. What a command does is loaded when it runs. */
export function buildProgram(args: readonly string[], runtime: Runtime, done: (code: ExitCode) => void): Command {
  const program = new Command('connsync');
  const { bad, next } = symbolsOf(isUnicode(runtime.env));
  const subcommand = (name: string, summary: string): Command =>
    program
      .command(name)
      .summary(summary)
      .description(aboutOf(name, summary))
      .allowExcessArguments(false)
      .showHelpAfterError(`${next} connsync ${name} --help lists its flags`)
      .addHelpText('after', ({ error }) => helpTail(name, helpWidth(runtime, error)));

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
    .showHelpAfterError(`${next} connsync --help lists the commands`)
    .configureOutput({
      writeOut: (text) => runtime.stdout.write(text),
      writeErr: (text) => runtime.stderr.write(text),
      getOutHelpWidth: () => helpWidth(runtime, false),
      getErrHelpWidth: () => helpWidth(runtime, true),
      // Whatever it echoes of the arguments is shown as what it is; the rest of the text is ours.
      outputError: (text, write) =>
        write(escapeControlText(withArgumentsInert(text, args)).replace(/^error: /, `${bad} `)),
    });

  addInitFlags(addDatadogFlags(addOutputFlags(subcommand('init', 'Write what a folder begins with')))).action(
    async (flags: InitFlags) => {
      done(await (await import('../commands/init/init.ts')).init(flags, runtime));
    },
  );

  addCommonFlags(subcommand('validate', 'Check the manifests, with no network')).action(async (flags: CommonFlags) => {
    done(await (await import('../commands/validate.ts')).validate(flags, runtime));
  });

  addDetailedExitcode(
    addPlanningFlags(
      addDatadogFlags(
        addCommonFlags(
          subcommand('plan', 'Show what an apply would do')
            .alias('diff')
            .addOption(grouped('Output:', '--out <file>', 'write the plan there, for apply --plan')),
        ),
      ),
    ),
  ).action(async (flags: PlanFlags) => {
    done(await (await import('../commands/plan.ts')).plan(flags, runtime));
  });

  addApplyFlags(
    addDetailedExitcode(
      addPlanningFlags(addDatadogFlags(addCommonFlags(subcommand('apply', 'Carry the plan out, and record it')))),
    ),
  ).action(async (flags: ApplyFlags) => {
    done(await (await import('../commands/apply.ts')).apply(flags, runtime));
  });

  addWatchFlags(
    addPlanningFlags(addDatadogFlags(addCommonFlags(subcommand('watch', 'Plan at every save, and tell drift')))),
  ).action(async (flags: WatchFlags) => {
    done(await (await import('../commands/watch/watch.ts')).watch(flags, runtime));
  });

  addDetailedExitcode(
    addPlanningFlags(
      addDatadogFlags(
        addCommonFlags(
          subcommand('report', 'Write what a plan sees as a page').addOption(
            grouped('Output:', '--out <file>', 'where it is written').default('report.html'),
          ),
        ),
      ),
    ),
  ).action(async (flags: ReportFlags) => {
    done(await (await import('../commands/report.ts')).report(flags, runtime));
  });

  addDetailedExitcode(
    addDatadogFlags(addCommonFlags(subcommand('drift', 'Say what was changed outside Git, and by whom'))),
  ).action(async (flags: DriftFlags) => {
    done(await (await import('../commands/drift.ts')).drift(flags, runtime));
  });

  addDatadogFlags(addCommonFlags(subcommand('import', 'Write manifests for what is live')))
    .argument('[keys...]', 'keys such as users/crm-contacts', keyArgument)
    .addOption(grouped('Import:', '--all', 'everything that is live and has no manifest'))
    .addOption(grouped('Import:', '--entity <entity>', 'only of this entity'))
    .action(async (keys: readonly string[], flags: ImportFlags) => {
      done(await (await import('../commands/import.ts')).importConnections(keys, flags, runtime));
    });

  addDatadogFlags(addCommonFlags(subcommand('accept', "Take Datadog's version into the manifest")))
    .argument('[keys...]', 'keys such as users/crm-contacts', keyArgument)
    .addOption(grouped('Accept:', '--all', 'everything that drifted'))
    .action(async (keys: readonly string[], flags: AcceptFlags) => {
      done(await (await import('../commands/accept.ts')).accept(keys, flags, runtime));
    });

  addCommonFlags(subcommand('fmt', 'Put manifests into canonical form'))
    .addOption(grouped('Format:', '--check', 'write nothing; exit 3 where a file would change'))
    .action(async (flags: FmtFlags) => {
      done(await (await import('../commands/fmt.ts')).fmt(flags, runtime));
    });

  addStateCommands(program, runtime, done);

  addDatadogFlags(addCommonFlags(subcommand('doctor', 'Check keys, site, permissions and network'))).action(
    async (flags: DriftFlags) => {
      done(await (await import('../commands/doctor.ts')).doctor(flags, runtime));
    },
  );

  addOutputFlags(subcommand('schema', 'Print the JSON Schema, for editors'))
    .addArgument(new Argument('[of]', 'what the schema is of').choices(SCHEMA_NAMES).default('connection'))
    .addOption(grouped('Output:', '--write <file>', 'write it there; a file that has it already is left alone'))
    .action(async (name: SchemaName, flags: SchemaFlags) => {
      done(await (await import('../commands/schema.ts')).printSchema(name, flags, runtime));
    });

  addOutputFlags(subcommand('explain', 'Say what a code means, and what to do'))
    .argument('[code]', 'such as unknown-property; without one they are listed')
    .action(async (code: string | undefined, flags: OutputFlags) => {
      done(await (await import('../commands/explain.ts')).explain(code, flags, runtime));
    });

  addCompletionCommands(program, subcommand, runtime, done);

  // As git and kubectl have it; the first page says --help.
  program
    .command('help', { hidden: true })
    .argument('[command]')
    .action((name: string | undefined) => {
      const asked = program.commands.find(
        (command) => name === command.name() || command.aliases().includes(name ?? ''),
      );
      if (name === undefined) program.outputHelp();
      else if (asked === undefined) program.error(`error: unknown command '${name}'`);
      else asked.outputHelp();
    });

  addOutputFlags(subcommand('demo', 'Tell the whole story, with no account')).action(async (flags: OutputFlags) => {
    done(await (await import('../commands/demo.ts')).demo(flags, runtime, run));
  });

  subcommand('emulator', 'Serve an emulator of Datadog here')
    .addOption(
      grouped('Emulator:', '--port <n>', 'port to listen on; 0 takes a free one').argParser(portNumber).default(0),
    )
    .addOption(grouped('Emulator:', '--data <folder>', 'keep the connections there, and begin with them the next time'))
    .addOption(
      grouped('Emulator:', '--rate-limit <n/Ps>', 'answer 429 beyond so many requests in a period, such as 20/1s'),
    )
    .addOption(
      grouped('Emulator:', '--faults <file>', 'go wrong as it says there, in YAML or JSON; see docs/emulator.md'),
    )
    .addOption(
      grouped('Emulator:', '--log <file>', 'append there what was asked and what was really done, as JSON Lines'),
    )
    .action(async (flags: EmulatorFlags) => {
      done(await (await import('../commands/emulator.ts')).emulator(flags, runtime));
    });

  return program;
}

/** The script for a shell, and what that script asks at every tab. */
function addCompletionCommands(
  program: Command,
  subcommand: (name: string, summary: string) => Command,
  runtime: Runtime,
  done: (code: ExitCode) => void,
): void {
  subcommand('completion', 'Print completion for bash, zsh or fish')
    .addArgument(new Argument('<shell>', 'the shell that is to complete').choices(SHELLS))
    .action(async (shell: Shell) => {
      done(await (await import('../commands/completion.ts')).printCompletion(shell, runtime));
    });

  program
    .command('complete', { hidden: true })
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .argument('[words...]')
    .action(async (shell: Shell, words: readonly string[]) => {
      done(await (await import('../commands/completion.ts')).complete(shell, words, program, runtime));
    });
}

/** `state` has commands of its own, each small. */
function addStateCommands(program: Command, runtime: Runtime, done: (code: ExitCode) => void): void {
  const state = program
    .command('state')
    .summary('Look at the lockfile, and mend it')
    .description('Look at the lockfile, and mend it.')
    .addHelpText('after', ({ error }) => helpTail('state', helpWidth(runtime, error)));
  const subcommand = (usage: string, summary: string): Command =>
    addCommonFlags(
      state
        .command(usage)
        .summary(summary)
        .description(`${summary}.`)
        .allowExcessArguments(false)
        .addHelpText('after', ({ error }) => helpTail('state', helpWidth(runtime, error))),
    );

  const local = (command: Command): Command =>
    command.addOption(grouped('State:', '--site <site>', 'local: the lockfile of --site local'));
  local(subcommand('list', 'What is recorded')).action(async (flags: StateFlags) => {
    done(await (await import('../commands/state.ts')).stateList(flags, runtime));
  });
  local(subcommand('show <key>', 'One record, whole')).action(async (key: string, flags: StateFlags) => {
    done(await (await import('../commands/state.ts')).stateShow(key, flags, runtime));
  });
  local(subcommand('rm <keys...>', 'Stop managing connections; in Datadog they stay')).action(
    async (keys: readonly string[], flags: StateFlags) => {
      done(await (await import('../commands/state.ts')).stateRemove(keys, flags, runtime));
    },
  );
  addDatadogFlags(subcommand('rebuild', 'Make the lockfile anew from live, for what manifests name')).action(
    async (flags: CommonFlags & DatadogFlags) => {
      done(await (await import('../commands/state.ts')).stateRebuild(flags, runtime));
    },
  );
}
