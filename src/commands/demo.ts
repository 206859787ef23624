import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../core/diagnostic.ts';
import { startEmulator } from '../emulator/server.ts';
import type { OutputFlags } from './flags.ts';
import { terminalStyle } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Runs one command line in a world. */
type Run = (args: readonly string[], runtime: Runtime) => Promise<ExitCode>;

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
export async function demo(flags: OutputFlags, runtime: Runtime, run: Run): Promise<ExitCode> {
  const folder = mkdtempSync(join(tmpdir(), 'connsync-demo-'));
  const emulator = await startEmulator();
  try {
    cpSync(join(runtime.packageFolder, 'connections'), join(folder, 'connections'), { recursive: true });
    const env = {
      ...withoutDatadog(runtime.env),
      DD_API_URL: emulator.url,
      DD_API_KEY: 'demo-key',
      DD_APP_KEY: 'demo-key',
    };
    const { exitCode, told } = await tell(flags, { ...runtime, cwd: folder, env }, run);
    if (told && flags.format === 'human' && flags.quiet !== true)
      runtime.stdout.write(
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
  runtime: Runtime,
  run: Run,
): Promise<{ readonly exitCode: ExitCode; readonly told: boolean }> {
  const colored = terminalStyle(flags, runtime).color.out;
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
      runtime.stdout.write(`\n# ${say}\n${colored ? `\u001B[1m${command}\u001B[22m` : command}\n`);
    const exitCode = await run([...args, ...more], runtime);
    if (exitCode !== 0) return { exitCode, told: false };
  }
  return { exitCode: 0, told: true };
}

/** Nothing of the person's own set-up may reach the story. */
function withoutDatadog(env: Runtime['env']): Runtime['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DD|DATADOG)_|^CONNSYNC_|_PROXY$/i.test(name)));
}
