import { Argument } from 'commander';
import { SCHEMA_NAMES, type FmtFlags, type SchemaFlags, type SchemaName } from '../../session/flags.ts';
import { addCommand, type CommandContext } from '../command-context.ts';
import { addCommonFlags, addOutputFlags, grouped } from '../options.ts';

export function registerAuthoring(context: CommandContext): void {
  const { runtime, setExitCode } = context;

  addCommonFlags(addCommand(context, 'fmt', 'Format manifests'))
    .addOption(grouped('Format:', '--check', 'write nothing; exit 3 if a file is not formatted'))
    .action(async (flags: FmtFlags) => {
      setExitCode(await (await import('../../commands/fmt.ts')).fmt(flags, runtime));
    });

  addOutputFlags(addCommand(context, 'schema', 'Print the JSON Schema, for editors'))
    .addArgument(new Argument('[of]', 'schema to print').choices(SCHEMA_NAMES).default('connection'))
    .addOption(grouped('Output:', '--write <file>', 'write the schema to a file, unless it is up to date'))
    .action(async (name: SchemaName, flags: SchemaFlags) => {
      setExitCode(await (await import('../../commands/schema.ts')).printSchema(name, flags, runtime));
    });
}
