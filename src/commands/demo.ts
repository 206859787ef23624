import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExitCode } from '../core/diagnostic.ts';
import { startEmulator } from '../emulator/server.ts';
import type { OutputFlags } from '../session/flags.ts';
import { terminalStyle } from '../runtime/terminal.ts';
import type { Runtime } from '../runtime/runtime.ts';

type Run = (args: readonly string[], runtime: Runtime) => Promise<ExitCode>;

const STEPS: readonly { readonly comment: string; readonly args: readonly string[] }[] = [
  { comment: 'connections/ is a folder of manifests. Are they valid?', args: ['validate'] },
  { comment: 'What would an apply change? A plan changes nothing.', args: ['plan'] },
  { comment: 'Apply it.', args: ['apply', '--yes'] },
  { comment: 'Plan again: nothing is left to do.', args: ['plan'] },
];

/** Runs real commands against an emulator of Datadog on loopback, in a temporary folder that is deleted afterwards. */
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
    const { exitCode, isComplete } = await runSteps(flags, { ...runtime, cwd: folder, env }, run);
    if (isComplete && flags.format === 'human' && flags.quiet !== true)
      runtime.stdout.write(
        '\nThis ran against an emulator of Datadog, in a temporary folder. With DD_API_KEY and DD_APP_KEY set,\nthe same commands work against Datadog. To start, run connsync init in a folder of your own.\n',
      );
    return exitCode;
  } finally {
    await emulator.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runSteps(
  flags: OutputFlags,
  runtime: Runtime,
  run: Run,
): Promise<{ readonly exitCode: ExitCode; readonly isComplete: boolean }> {
  const colored = terminalStyle(flags, runtime).color.out;
  const commonFlags = [
    `--format=${flags.format}`,
    `--color=${flags.color}`,
    ...(flags.quiet === true ? ['--quiet'] : []),
    ...(flags.verbose === true ? ['--verbose'] : []),
  ];
  for (const { comment, args } of STEPS) {
    const command = `$ connsync ${args.join(' ')}`;
    // The other formats print documents for programs, which need no comments.
    if (flags.format === 'human')
      runtime.stdout.write(`\n# ${comment}\n${colored ? `\u001B[1m${command}\u001B[22m` : command}\n`);
    const exitCode = await run([...args, ...commonFlags], runtime);
    if (exitCode !== 0) return { exitCode, isComplete: false };
  }
  return { exitCode: 0, isComplete: true };
}

/** Returns the environment without keys, sites and proxies, because the user's own must not affect the demo. */
function withoutDatadog(env: Runtime['env']): Runtime['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(DD|DATADOG)_|^CONNSYNC_|_PROXY$/i.test(name)));
}
