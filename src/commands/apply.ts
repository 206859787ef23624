import { readFileSync } from 'node:fs';
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

/** Plans, passes the guards, asks, and does it. With --dry-run it is exactly plan. */
export async function apply(flags: ApplyFlags, runtime: Runtime): Promise<ExitCode> {
  // `plan` and `checksum` are flags of apply alone: a plan's own `out` is not among them.
  const { plan: file, checksum, ...rest } = flags;
  if (flags.dryRun === true)
    return runReconcile({
      command: 'plan',
      flags: rest,
      runtime,
      accessOf: planAccess,
      reviewed: () => refuseReview(file, checksum),
    });
  return runReconcile({
    command: 'apply',
    flags: rest,
    runtime,
    accessOf: () => {
      if (flags.offline === true) {
        throw new Failure('conflicting-settings', 'an apply is always live, and --offline contradicts it', {
          hint: 'use connsync plan --offline, or leave it out',
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

function refuseReview(file: string | undefined, checksum: string | undefined): undefined {
  if (file === undefined && checksum === undefined) return undefined;
  throw new Failure(
    'conflicting-settings',
    'a dry run carries nothing out, so there is nothing to hold against a reviewed plan',
    { hint: 'leave out --dry-run, or --plan and --checksum' },
  );
}

function reviewedBy(file: string | undefined, checksum: string | undefined, { cwd }: Runtime): Reviewed | undefined {
  if (file !== undefined && checksum !== undefined) {
    throw new Failure('conflicting-settings', '--plan and --checksum are two ways of saying what was reviewed', {
      hint: 'use one of them',
    });
  }
  if (checksum !== undefined) return { kind: 'checksum', checksum };
  return file === undefined
    ? undefined
    : parsePlanFile(readPlan(resolve(cwd, file), displayPathAsGiven(cwd, file)), displayPathAsGiven(cwd, file));
}

function readPlan(path: string, shown: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('bad-plan-file', `${shown} can not be read: ${reason}`, {
      cause,
      hint: 'make one with connsync plan --out plan.json',
    });
  }
}

/** On a terminal every apply asks; off one, only what destroys needs consent beforehand. A reviewed plan is consent. */
async function confirm({ actions }: Plan, flags: ApplyFlags, runtime: Runtime): Promise<void> {
  if (flags.yes === true || flags.plan !== undefined) return;
  if (runtime.stdin.isTTY === true && runtime.stderr.isTTY) {
    if (await ask('Apply these changes? [y/N] ', runtime)) return;
    throw new Failure('not-confirmed', 'not confirmed, nothing was sent', { hint: 'answer y, or use --yes' });
  }
  const destroyed = actions.filter(({ kind }) => kind === 'delete' || kind === 'replace').length;
  if (destroyed === 0) return;
  throw new Failure(
    'not-confirmed',
    `${destroyed === 1 ? '1 connection' : `${destroyed} connections`} would be destroyed, and nobody is there to ask`,
    {
      hint: 'look at connsync plan, then use --yes',
    },
  );
}
