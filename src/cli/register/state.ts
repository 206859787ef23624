import type { Command } from 'commander';
import type { CommonFlags, DatadogFlags, StateFlags } from '../../session/flags.ts';
import type { CommandContext } from '../command-context.ts';
import { helpTail, helpWidth } from '../help.ts';
import { addCommonFlags, addDatadogFlags, grouped } from '../options.ts';

const SUMMARY = 'Inspect and repair the lockfile';

/** Registers `state` and its subcommands. */
export function registerState({ program, runtime, setExitCode }: CommandContext): void {
  const state = withHelp(program.command('state'), SUMMARY);
  addLocalSite(subcommand('list', 'List the recorded connections')).action(async (flags: StateFlags) => {
    setExitCode(await (await import('../../commands/state.ts')).stateList(flags, runtime));
  });
  addLocalSite(subcommand('show <key>', 'Show one record')).action(async (key: string, flags: StateFlags) => {
    setExitCode(await (await import('../../commands/state.ts')).stateShow(key, flags, runtime));
  });
  addLocalSite(subcommand('rm <keys...>', 'Stop managing connections, without deleting them in Datadog')).action(
    async (keys: readonly string[], flags: StateFlags) => {
      setExitCode(await (await import('../../commands/state.ts')).stateRemove(keys, flags, runtime));
    },
  );
  addDatadogFlags(subcommand('rebuild', 'Rebuild the lockfile from live connections that have a manifest')).action(
    async (flags: CommonFlags & DatadogFlags) => {
      setExitCode(await (await import('../../commands/state-rebuild.ts')).stateRebuild(flags, runtime));
    },
  );

  function subcommand(usage: string, summary: string): Command {
    return addCommonFlags(withHelp(state.command(usage), summary).allowExcessArguments(false));
  }

  function withHelp(command: Command, summary: string): Command {
    return command
      .summary(summary)
      .description(`${summary}.`)
      .addHelpText('after', ({ error }) => helpTail('state', helpWidth(runtime, error)));
  }
}

function addLocalSite(command: Command): Command {
  return command.addOption(grouped('State:', '--site <site>', 'local: the lockfile of --site local'));
}
