import { join } from 'node:path';
import { hasErrors, type ExitCode } from '../core/diagnostic.ts';
import type { Compared, Report, Target } from '../core/event.ts';
import { DEFAULT_MAX_DELETES } from '../core/max-deletes.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { reconcile, type Access, type ApplyOptions } from '../reconcile.ts';
import { fileStore } from '../state/file-store.ts';
import {
  connectorFor,
  findDestination,
  LOCAL_SITE,
  oneKeyWarning,
  type Connector,
  type Destination,
} from './connection.ts';
import type { PlanFlags } from './flags.ts';
import { findInputs, shownPath, type Inputs } from './inputs.ts';
import { runSession } from './session.ts';
import type { World } from './world.ts';

/** What a run may do at Datadog. */
export type Mode = 'offline' | 'reads' | 'writes';

export interface PassOptions {
  readonly command: 'plan' | 'apply';
  readonly flags: PlanFlags;
  readonly world: World;
  /** Throws a Failure where the flags contradict each other. */
  readonly modeOf: (flags: PlanFlags, destination: Destination) => Mode;
  readonly applying?: Pick<ApplyOptions, 'confirm' | 'lockWaitMs'> & { readonly concurrency: number | undefined };
}

/** What flags, environment and settings come to. */
interface Prepared {
  readonly inputs: Inputs;
  readonly destination: Destination;
  readonly mode: Mode;
}

const DEFAULT_CONCURRENCY = 4;

/** What plan and apply have in common: flags, environment and settings become options, and the one pass runs. */
export async function runPass(options: PassOptions): Promise<ExitCode> {
  const { command, flags, world } = options;
  const found = findInputs(flags, world);
  const prepared = prepare(found, options);
  const known = 'failure' in prepared ? undefined : prepared;
  const target: Target = known?.destination.target ?? {
    environment: 'default',
    site: flags.site ?? found.settings.site ?? 'datadoghq.com',
  };
  const compared: Compared = known === undefined || known.mode === 'offline' ? ['lockfile'] : ['lockfile', 'live'];
  return runSession({ command, target, compared, flags, world, applies: command === 'apply' }, async (report) => {
    for (const problem of found.problems) report({ type: 'problem', problem });
    if ('failure' in prepared) throw prepared.failure;
    return hasErrors(found.problems) ? 3 : reconcileOver(prepared, options, report);
  });
}

function prepare(found: Inputs, { flags, world, modeOf }: PassOptions): Prepared | { readonly failure: unknown } {
  try {
    const destination = findDestination(flags, found.settings, found.lockfile.path, world.env);
    const inputs = destination.target.site === LOCAL_SITE ? withLocalLockfile(found, flags, world) : found;
    return { inputs, destination, mode: modeOf(flags, destination) };
  } catch (failure) {
    return { failure };
  }
}

async function reconcileOver(
  { inputs, destination, mode }: Prepared,
  options: PassOptions,
  report: Report,
): Promise<ExitCode> {
  const { flags, world } = options;
  const { settings, lockfile } = inputs;
  const warning = mode === 'offline' && flags.offline !== true ? oneKeyWarning(destination.found) : undefined;
  if (warning !== undefined) report({ type: 'problem', problem: warning });
  const connector = connectorFor({
    destination,
    flags,
    world,
    report,
    localData: join(world.cwd, '.connsync', 'local'),
  });
  try {
    const { exitCode, plan } = await reconcile({
      target: destination.target,
      manifests: inputs.manifests,
      folders: inputs.folders,
      state: fileStore({ path: lockfile.path, shown: lockfile.shown, write: writeAtomically, now: world.now }),
      lockfile: lockfile.shown,
      datadog: accessFor(mode, connector, settings.concurrency, options),
      settings: {
        prune: flags.prune ?? settings.prune ?? false,
        onDrift: flags.onDrift ?? settings.onDrift ?? 'revert',
        maxDeletes: flags.maxDeletes ?? settings.maxDeletes ?? DEFAULT_MAX_DELETES,
        allowEmpty: flags.allowEmpty === true,
        allowReplace: flags.allowReplace === true,
        adopt: flags.adopt === true,
      },
      clock: world.clock,
      report,
      signal: world.interrupts.stop,
    });
    const changes = (plan?.actions.length ?? 0) > 0;
    return exitCode === 0 && changes && mode !== 'writes' && flags.detailedExitcode === true ? 2 : exitCode;
  } finally {
    await connector.close();
  }
}

function accessFor(
  mode: Mode,
  connector: Connector,
  setting: number | undefined,
  { applying, world }: PassOptions,
): Access {
  if (mode === 'offline') return { kind: 'offline' };
  if (mode === 'reads' || applying === undefined) return { kind: 'reads', connect: () => connector.reader() };
  const concurrency = applying.concurrency ?? setting ?? DEFAULT_CONCURRENCY;
  return {
    kind: 'writes',
    connect: () => connector.writer(concurrency),
    apply: {
      concurrency,
      holder: { command: 'apply', since: world.now() },
      lockWaitMs: applying.lockWaitMs,
      confirm: applying.confirm,
      cut: world.interrupts.cut,
    },
  };
}

/** The emulator's records stay beside its data, so that trying things out never touches the lockfile of the real thing. */
function withLocalLockfile(inputs: Inputs, flags: PlanFlags, { cwd }: World): Inputs {
  if (flags.lockfile !== undefined) return inputs;
  const path = join(cwd, '.connsync', 'local', 'connections.lock');
  return {
    ...inputs,
    ...findInputs({ ...flags, lockfile: path }, { cwd }),
    lockfile: { path, shown: shownPath(cwd, path) },
  };
}
