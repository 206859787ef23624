import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { escapeControl } from '../../src/core/escape-control.ts';
import { startEmulator } from '../../src/emulator/server.ts';
import { runAsProcess } from '../hostile/process.ts';
import { seeded, type Random } from '../hostile/random.ts';
import { manifest } from '../rig/rig.ts';
import { MOST_FINDINGS, type Finding, type Fuzzed, type FuzzOptions } from './fuzzer.ts';

/**
 * Runs random commands with random flags and values. Each must end with a code other than 1 and print no control
 * characters.
 */
export async function fuzzArguments({ seed, inputs }: FuzzOptions): Promise<Fuzzed> {
  const random = seeded(seed);
  await using emulator = await startEmulator();
  const root = mkdtempSync(join(tmpdir(), 'connsync-fuzz-'));
  // A deep folder, so that `..` stays inside the temporary folder.
  const cwd = join(root, 'a/b/c');
  const env = {
    DD_API_KEY: 'a'.repeat(32),
    DD_APP_KEY: 'b'.repeat(40),
    DD_API_URL: emulator.url,
    CONNSYNC_SETTLE_MS: '0',
  };
  mkdirSync(join(cwd, 'connections'), { recursive: true });
  writeFileSync(join(cwd, 'connections/a.yaml'), manifest('users/a'));
  const findings: Finding[] = [];
  try {
    for (let index = 0; index < inputs && findings.length < MOST_FINDINGS; index += 1) {
      const args = argumentsFrom(random);
      const { exitCode, stdout, stderr } = await runAsProcess(args, { cwd, env: random.chance(0.7) ? env : {} });
      const what = exitCode === 1 ? `it ended with 1: ${stdout}${stderr}` : acting(stdout + stderr);
      if (what !== undefined) findings.push({ what, input: JSON.stringify(args) });
    }
    return { inputs, findings };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function acting(text: string): string | undefined {
  const plain = text.replace(/\u001B\[\d+(?:;\d+)*m/g, '');
  const line = plain.split('\n').find((each) => escapeControl(each) !== each);
  return line === undefined ? undefined : `it printed ${JSON.stringify(line)}`;
}

function argumentsFrom(random: Random): readonly string[] {
  const args: string[] = [];
  if (random.chance(0.95)) args.push(...random.pick(COMMANDS));
  for (let count = random.below(6); count > 0; count -= 1) {
    const flag = random.pick(FLAGS);
    if (random.chance(0.1)) args.push(random.pick(VALUES));
    else if (random.chance(0.15)) args.push(`${flag}=${random.pick(VALUES)}`);
    else if (SWITCHES.has(flag) ? random.chance(0.05) : random.chance(0.9)) args.push(flag, valueFor(flag, random));
    else args.push(flag);
  }
  return args;
}

/** Usually a valid value, so that the run gets past the parser. */
function valueFor(flag: string, random: Random): string {
  return random.pick(random.chance(0.75) ? (FITTING[flag] ?? VALUES) : VALUES);
}

// These are skipped, because the emulator runs forever and the demo is slow.
const COMMANDS = [
  ['validate'],
  ['plan'],
  ['diff'],
  ['apply'],
  ['drift'],
  ['import'],
  ['accept'],
  ['fmt'],
  ['state'],
  ['state', 'list'],
  ['state', 'show'],
  ['state', 'rm'],
  ['state', 'rebuild'],
  ['doctor'],
  ['schema'],
  ['nonsense'],
];
const SWITCHES = new Set([
  '--live',
  '--offline',
  '--prune',
  '--no-prune',
  '--adopt',
  '--allow-replace',
  '--allow-empty',
  '--detailed-exitcode',
  '--dry-run',
  '--yes',
  '--all',
  '--check',
  '--quiet',
  '--verbose',
  '-q',
  '-v',
  '-y',
  '--help',
  '-h',
  '--version',
  '-V',
]);
const FITTING: Readonly<Record<string, readonly string[]>> = {
  '--format': ['human', 'json', 'ndjson', 'markdown', 'github', 'sarif', 'curl'],
  '--color': ['auto', 'always', 'never'],
  '--site': ['local', 'datadoghq.com', 'datadoghq.eu'],
  '--api-url': ['http://127.0.0.1:1', 'https://127.0.0.1:1'],
  '--timeout': ['100ms', '1s'],
  '--max-retries': ['0', '1'],
  '--lock-timeout': ['0s', '10ms'],
  '--max-files': ['1', '10'],
  '--max-deletes': ['0', '5', '100%'],
  '--on-drift': ['revert', 'keep', 'refuse'],
  '--concurrency': ['1', '8'],
  '--entity': ['users', 'accounts'],
  '--target': ['users/*', '*', '[', '!(a)'],
  '--exclude': ['users/*', '{a,b}', '**'],
  '--dir': ['connections', '.', 'nowhere'],
  '--lockfile': ['connections.lock', 'other.lock', 'connections/a.yaml'],
  '--plan': ['plan.json', 'connections/a.yaml', 'nowhere'],
  '--checksum': [`sha256:${'0'.repeat(64)}`],
  '--out': ['plan.json', 'no/such/folder.json'],
  '--trace': ['trace.jsonl', 'no/such/folder.jsonl'],
};
const FLAGS = [...SWITCHES, ...Object.keys(FITTING)];
const VALUES = [
  '',
  ' ',
  '-',
  '--',
  '-1',
  '0',
  '1e9',
  '99999999999999999999',
  'NaN',
  '..',
  '.',
  'a',
  'users/a',
  'users/',
  'connections',
  '*',
  '\u001b[2J',
  '\u202e',
  '::error::x\n::error::y',
  '😀',
  '\ud800',
  'x'.repeat(5_000),
  '--format',
  '__proto__',
  'constructor',
  'toString',
  '%00',
  '{{}}',
  '${HOME}',
];
