import { drift } from '../commands/drift.ts';
import { plan } from '../commands/plan.ts';
import { validate } from '../commands/validate.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { Failure, type ExitCode } from '../core/diagnostic.ts';
import { escapeControl } from '../core/escape-control.ts';
import { readCredentials } from '../datadog/credentials.ts';
import { flagsFor, liveModeOf } from './flags.ts';
import type { CommandOptions } from './options.ts';
import { recordedApply } from './recorded-apply.ts';
import { NOT_RECORDED, type Recorded } from './recording.ts';

export interface CommandEnded {
  readonly exitCode: ExitCode;
  readonly recorded: Recorded;
  /** Whether the plan is offline because the event has no access to secrets. */
  readonly isOfflineByEvent: boolean;
}

/** Runs the command that the inputs select, with the matching flags. */
export async function runCommand(at: CommandOptions): Promise<CommandEnded> {
  const { options, runtime, planFile } = at;
  const { inputs, event } = options;
  let recorded = NOT_RECORDED;
  let isOfflineByEvent = false;
  const run = async (): Promise<ExitCode> => {
    const flags = flagsFor(inputs, planFile);
    switch (inputs.command) {
      case 'validate':
        return validate(flags, runtime);
      case 'drift':
        return drift(flags, runtime);
      case 'plan': {
        const mode = liveModeOf(inputs, event, { hasKeys: hasKeys(runtime) });
        isOfflineByEvent = mode === 'offline-by-event';
        return plan({ ...flags, ...(mode === 'live' ? { live: true } : { offline: true }) }, runtime);
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
    reportFailure(cause, at);
    return { exitCode: cause.exitCode, recorded, isOfflineByEvent };
  }
}

/**
 * Returns whether the environment has keys. An incomplete or malformed key counts, because the command itself reports
 * it.
 */
function hasKeys({ env }: Runtime): boolean {
  const { credentials, problem, only } = readCredentials(env);
  return credentials !== undefined || problem !== undefined || only !== undefined;
}

/**
 * Reports a failure that happened before the command began. The reporters receive it as a run that ended with this
 * failure.
 */
function reportFailure(failure: Failure, { options, runtime }: CommandOptions): void {
  const { command, site = 'datadoghq.com' } = options.inputs;
  const next = failure.hint === undefined ? '' : `  → ${escapeControl(failure.hint)}\n`;
  runtime.stderr.write(`✗ ${escapeControl(failure.message)}  ${failure.code}\n${next}`);
  const target = { environment: 'default', site };
  for (const { report } of runtime.extraReporters ?? []) {
    report({ type: 'start', formatVersion: '1.0', version: runtime.version, command, target, compared: ['lockfile'] });
    report({ type: 'problem', problem: failure.toProblem() });
    report({ type: 'end', exitCode: failure.exitCode });
  }
}
