import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../core/diagnostic.ts';
import { startEmulator } from '../emulator/server.ts';
import { lookOf } from './look.ts';
import type { World } from './world.ts';

/** Runs one command line in a world. */
type Run = (args: readonly string[], world: World) => Promise<ExitCode>;

const STORY: readonly { readonly say: string; readonly args: readonly string[] }[] = [
  { say: 'A folder of manifests, connections/. Is it sound?', args: ['validate'] },
  { say: 'What would an apply do? Nothing is written by looking.', args: ['plan'] },
  { say: 'Do it.', args: ['apply', '--yes'] },
  { say: 'And now?', args: ['plan'] },
];

/**
 * Tells the story with the real commands and their real output: an emulator of Datadog on loopback, and a folder of its own
 * that is gone afterwards.
 */
export async function demo(world: World, run: Run): Promise<ExitCode> {
  const folder = mkdtempSync(join(tmpdir(), 'connsync-demo-'));
  const emulator = await startEmulator();
  try {
    cpSync(join(world.packageFolder, 'connections'), join(folder, 'connections'), { recursive: true });
    const env = {
      ...withoutDatadog(world.env),
      DD_API_URL: emulator.url,
      DD_API_KEY: 'demo-key',
      DD_APP_KEY: 'demo-key',
    };
    const { exitCode, told } = await tell({ ...world, cwd: folder, env }, run);
    if (told)
      world.stdout.write(
        '\nThat was an emulator of Datadog, in a temporary folder. With DD_API_KEY and DD_APP_KEY set, the\nsame commands work against the real one: begin with connsync plan in a folder of your own.\n',
      );
    return exitCode;
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tell(world: World, run: Run): Promise<{ readonly exitCode: ExitCode; readonly told: boolean }> {
  const bold = lookOf({ color: 'auto' }, world).color.out
    ? (text: string): string => `\u001B[1m${text}\u001B[22m`
    : (text: string): string => text;
  for (const { say, args } of STORY) {
    world.stdout.write(`\n# ${say}\n${bold(`$ connsync ${args.join(' ')}`)}\n`);
    const exitCode = await run(args, world);
    if (exitCode !== 0) return { exitCode, told: false };
  }
  return { exitCode: 0, told: true };
}

/** Nothing of the person's own set-up may reach the story. */
function withoutDatadog(env: World['env']): World['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DD|DATADOG)_|^CONNSYNC_|_PROXY$/i.test(name)));
}
