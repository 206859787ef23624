import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Failure, type ExitCode } from '../core/diagnostic.ts';
import type { Plan } from '../core/plan.ts';
import { parsePlanFile, type Reviewed } from '../core/review.ts';
import { ask } from '../runtime/confirm.ts';
import type { ApplyFlags } from '../session/flags.ts';
import { displayPathAsGiven } from '../session/display-path.ts';
import { runReconcile } from '../session/reconcile-session.ts';
import { planAccess } from './plan.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Plans, checks the guards, asks for confirmation, and applies. With --dry-run it only plans. */
export async function apply(flags: ApplyFlags, runtime: Runtime): Promise<ExitCode> {
  // Leaves --plan and --checksum out of the flags for planning; `reviewed` handles them.
  const { plan: file, checksum, ...rest } = flags;
  if (flags.dryRun === true)
    return runReconcile({
      command: 'plan',
      flags: rest,
      runtime,
      accessOf: planAccess,
      reviewed: () => rejectReview(file, checksum),
    });
  return runReconcile({
    command: 'apply',
    flags: rest,
    runtime,
    accessOf: () => {
      if (flags.offline === true) {
        throw new Failure('conflicting-settings', "apply needs Datadog, so it can't be combined with --offline", {
          hint: 'run connsync plan --offline, or remove --offline',
        });
      }
      return 'writes';
    },
    reviewed: () => reviewedBy(file, checksum, runtime),
    applying: {
      confirm: (plan) => confirm(plan, flags, runtime),
      concurrency: flags.concurrency,
      lockWaitMs: flags.lockTimeout,
    },
  });
}

function rejectReview(file: string | undefined, checksum: string | undefined): undefined {
  if (file === undefined && checksum === undefined) return undefined;
  throw new Failure(
    'conflicting-settings',
    "--dry-run can't be combined with a reviewed plan, because a dry run applies nothing",
    { hint: 'remove --dry-run, or remove --plan and --checksum' },
  );
}

function reviewedBy(file: string | undefined, checksum: string | undefined, { cwd }: Runtime): Reviewed | undefined {
  if (file !== undefined && checksum !== undefined) {
    throw new Failure('conflicting-settings', "--plan and --checksum can't be combined", {
      hint: 'remove one of them',
    });
  }
  if (checksum !== undefined) return { kind: 'checksum', checksum };
  return file === undefined
    ? undefined
    : parsePlanFile(readPlan(resolve(cwd, file), displayPathAsGiven(cwd, file)), displayPathAsGiven(cwd, file));
}

const MIB = 2 ** 20;
/** The maximum size of a plan file, so that a wrong file does not fill the memory. */
const MAX_PLAN_BYTES = 256 * MIB;

function readPlan(path: string, displayPath: string): string {
  try {
    const stats = statSync(path);
    // Reading a pipe would wait for its writer, and reading a device may never end.
    if (!stats.isFile()) throw new Error('it is not a regular file');
    if (stats.size > MAX_PLAN_BYTES) throw new Error(`it has more than ${MAX_PLAN_BYTES / MIB} MiB`);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('bad-plan-file', `can't read ${displayPath}: ${reason}`, {
      cause,
      hint: 'create one with connsync plan --out plan.json',
    });
  }
}

/**
 * Asks for confirmation on a terminal. Without a terminal, a plan that destroys something needs --yes. A reviewed
 * plan needs no confirmation.
 */
async function confirm({ actions }: Plan, flags: ApplyFlags, runtime: Runtime): Promise<void> {
  if (flags.yes === true || flags.plan !== undefined) return;
  if (runtime.stdin.isTTY === true && runtime.stderr.isTTY) {
    if (await ask('Apply these changes? [y/N] ', runtime)) return;
    throw new Failure('not-confirmed', 'not confirmed, nothing was sent', { hint: 'answer y, or add --yes' });
  }
  const destroyed = actions.filter(({ kind }) => kind === 'delete' || kind === 'replace').length;
  if (destroyed === 0) return;
  throw new Failure(
    'not-confirmed',
    `${destroyed === 1 ? '1 connection' : `${destroyed} connections`} would be destroyed, which needs confirmation, and there is no terminal to ask on`,
    {
      hint: 'review connsync plan, then add --yes',
    },
  );
}
