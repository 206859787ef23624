import { drift } from '../commands/drift.ts';
import { plan } from '../commands/plan.ts';
import { validate } from '../commands/validate.ts';
import type { World } from '../runtime/runtime.ts';
import { Failure, type ExitCode } from '../core/diagnostic.ts';
import { printable } from '../core/escape-control.ts';
import { readCredentials } from '../datadog/credentials.ts';
import { flagsFor, lookOf } from './flags.ts';
import type { CommandOptions } from './options.ts';
import { recordedApply } from './recorded-apply.ts';
import { NOT_RECORDED, type Recorded } from './recording.ts';

export interface CommandEnded {
  readonly exitCode: ExitCode;
  readonly recorded: Recorded;
  /** The plan is offline because the event can have no secrets. */
  readonly isOfflineByEvent: boolean;
}

/** Runs the command that the inputs name, with the flags that they stand for. */
export async function runCommand(at: CommandOptions): Promise<CommandEnded> {
  const { options, world, planFile } = at;
  const { inputs, event } = options;
  let recorded = NOT_RECORDED;
  let isOfflineByEvent = false;
  const run = async (): Promise<ExitCode> => {
    const flags = flagsFor(inputs, planFile);
    switch (inputs.command) {
      case 'validate':
        return validate(flags, world);
      case 'drift':
        return drift(flags, world);
      case 'plan': {
        const look = lookOf(inputs, event, { hasKeys: hasKeys(world) });
        isOfflineByEvent = look === 'offline-by-event';
        return plan({ ...flags, ...(look === 'live' ? { live: true } : { offline: true }) }, world);
      }
      case 'apply':
        return recordedApply(at, (ended) => void (recorded = ended));
      default:
        return inputs.command satisfies never;
    }
  };
  try {
    const exitCode = await run();
    return { exitCode, recorded, isOfflineByEvent };
  } catch (cause) {
    if (!(cause instanceof Failure)) throw cause;
    tellFailure(cause, at);
    return { exitCode: cause.exitCode, recorded, isOfflineByEvent };
  }
}

/** One key of two, or a malformed one, is told by the command itself. */
function hasKeys({ env }: World): boolean {
  const { credentials, problem, only } = readCredentials(env);
  return credentials !== undefined || problem !== undefined || only !== undefined;
}

/** A failure before the command began its run: told to the same reporters, as a run that ended there. */
function tellFailure(failure: Failure, { options, world }: CommandOptions): void {
  const { command, site = 'datadoghq.com' } = options.inputs;
  const next = failure.hint === undefined ? '' : `  → ${printable(failure.hint)}\n`;
  world.stderr.write(`✗ ${printable(failure.message)}  ${failure.code}\n${next}`);
  const target = { environment: 'default', site };
  for (const { report } of world.beside ?? []) {
    report({ type: 'start', formatVersion: '1.0', version: world.version, command, target, compared: ['lockfile'] });
    report({ type: 'problem', problem: failure.toProblem() });
    report({ type: 'end', exitCode: failure.exitCode });
  }
}
