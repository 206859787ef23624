import { Failure, type ExitCode } from '../core/diagnostic.ts';
import type { Plan } from '../core/plan.ts';
import { ask } from './ask.ts';
import type { ApplyFlags } from './flags.ts';
import { runPass } from './pass.ts';
import { planMode } from './plan.ts';
import type { World } from './world.ts';

/** Plans, passes the guards, asks, and does it. With --dry-run it is exactly plan. */
export async function apply(flags: ApplyFlags, world: World): Promise<ExitCode> {
  if (flags.dryRun === true) return runPass({ command: 'plan', flags, world, modeOf: planMode });
  return runPass({
    command: 'apply',
    flags,
    world,
    modeOf: () => {
      if (flags.offline === true)
        throw new Failure('conflicting-settings', 'an apply is always live, and --offline contradicts it', {
          hint: 'use connsync plan --offline, or leave it out',
        });
      return 'writes';
    },
    applying: {
      confirm: (plan) => confirm(plan, flags, world),
      concurrency: flags.concurrency,
      lockWaitMs: flags.lockTimeout,
    },
  });
}

/** On a terminal every apply asks; off one, only what destroys needs consent beforehand. */
async function confirm({ actions }: Plan, flags: ApplyFlags, world: World): Promise<void> {
  if (flags.yes === true) return;
  if (world.stdin.isTTY === true && world.stderr.isTTY) {
    if (await ask('Apply these changes? [y/N] ', world)) return;
    throw new Failure('not-confirmed', 'not confirmed, nothing was sent', { hint: 'answer y, or use --yes' });
  }
  const destroyed = actions.filter(({ kind }) => kind === 'delete' || kind === 'replace').length;
  if (destroyed === 0) return;
  throw new Failure(
    'not-confirmed',
    `${destroyed === 1 ? '1 connection' : `${destroyed} connections`} would be destroyed, and nobody is there to ask`,
    { hint: 'look at connsync plan, then use --yes' },
  );
}
