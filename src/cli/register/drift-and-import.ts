import { InvalidArgumentError } from 'commander';
import type { Key } from '../../core/connection.ts';
import type { AcceptFlags, DriftFlags, ImportFlags } from '../../session/flags.ts';
import { addCommand, type CommandContext } from '../command-context.ts';
import { addCommonFlags, addDatadogFlags, addDetailedExitcode, grouped } from '../options.ts';

export function registerDriftAndImport(context: CommandContext): void {
  const { runtime, setExitCode } = context;

  addDetailedExitcode(
    addDatadogFlags(addCommonFlags(addCommand(context, 'drift', 'Show what changed outside Git, and by whom'))),
  ).action(async (flags: DriftFlags) => {
    setExitCode(await (await import('../../commands/drift.ts')).drift(flags, runtime));
  });

  addDatadogFlags(addCommonFlags(addCommand(context, 'import', 'Write manifests for live connections')))
    .argument('[keys...]', 'keys, for example users/crm-contacts', keyArgument)
    .addOption(grouped('Import:', '--all', 'every live connection that has no manifest'))
    .addOption(grouped('Import:', '--entity <entity>', 'with --all, only connections of this entity'))
    .action(async (keys: readonly string[], flags: ImportFlags) => {
      setExitCode(await (await import('../../commands/import.ts')).importConnections(keys, flags, runtime));
    });

  addDatadogFlags(addCommonFlags(addCommand(context, 'accept', "Copy Datadog's version into the manifest")))
    .argument('[keys...]', 'keys, for example users/crm-contacts', keyArgument)
    .addOption(grouped('Accept:', '--all', 'every drifted connection'))
    .action(async (keys: readonly string[], flags: AcceptFlags) => {
      setExitCode(await (await import('../../commands/accept.ts')).accept(keys, flags, runtime));
    });
}

/**
 * Appends a key from the command line. Throws an InvalidArgumentError, before any request, if the text can't be a key.
 */
function keyArgument(text: string, before: readonly Key[] = []): readonly Key[] {
  const slash = text.indexOf('/');
  if (slash > 0 && slash < text.length - 1 && !text.includes('*')) return [...before, text];
  const isEntity = /^[\w-]+(\/\*)?$/.test(text);
  const hint = isEntity
    ? ` To import every connection of an entity, run connsync import --all --entity ${text.replace('/*', '')}.`
    : '';
  throw new InvalidArgumentError(`A key is entity/id, for example users/crm-contacts.${hint}`);
}
