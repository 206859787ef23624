import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../core/diagnostic.ts';
import { startEmulator } from '../emulator/server.ts';
import type { OutputFlags } from './flags.ts';
import { lookOf } from '../runtime/terminal.ts';
import type { World } from '../runtime/runtime.ts';

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
export async function demo(flags: OutputFlags, world: World, run: Run): Promise<ExitCode> {
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
    const { exitCode, told } = await tell(flags, { ...world, cwd: folder, env }, run);
    if (told && flags.format === 'human' && flags.quiet !== true)
      world.stdout.write(
        '\nThat was an emulator of Datadog, in a temporary folder. With DD_API_KEY and DD_APP_KEY set, the\nsame commands work against the real one: begin with connsync plan in a folder of your own.\n',
      );
    return exitCode;
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function tell(
  flags: OutputFlags,
  world: World,
  run: Run,
): Promise<{ readonly exitCode: ExitCode; readonly told: boolean }> {
  const colored = lookOf(flags, world).color.out;
  const more = [
    `--format=${flags.format}`,
    `--color=${flags.color}`,
    ...(flags.quiet === true ? ['--quiet'] : []),
    ...(flags.verbose === true ? ['--verbose'] : []),
  ];
  for (const { say, args } of STORY) {
    const command = `$ connsync ${args.join(' ')}`;
    // A program that reads the documents has no use for the story between them.
    if (flags.format === 'human')
      world.stdout.write(`\n# ${say}\n${colored ? `\u001B[1m${command}\u001B[22m` : command}\n`);
    const exitCode = await run([...args, ...more], world);
    if (exitCode !== 0) return { exitCode, told: false };
  }
  return { exitCode: 0, told: true };
}

/** Nothing of the person's own set-up may reach the story. */
function withoutDatadog(env: World['env']): World['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DD|DATADOG)_|^CONNSYNC_|_PROXY$/i.test(name)));
}
