import { spawn } from 'node:child_process';
import { Terminal } from '@xterm/headless';
import { missing } from '../machinery/process.ts';
import { runInProcess } from '../rig/in-process.ts';
import { CLI, type Rig } from '../rig/rig.ts';
import { reaped } from '../rig/children.ts';

/** The reason why no pseudo-terminal is available, or undefined if one is. */
export const NO_SCRIPT = process.platform === 'linux' ? missing('script', '--version') : 'no script(1) as Linux has it';

export interface Shown {
  /** The bytes that a terminal received, as text. */
  readonly raw: string;
  /** The final text on the terminal from the first line to the last, without trailing empty lines. */
  readonly lines: readonly string[];
  /** The lines that the terminal had to break because they were too wide. */
  readonly broken: readonly string[];
  readonly exitCode: number | null;
}

const ROWS = 400;

export interface ShowOptions {
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Runs the built command on a real pseudo-terminal. `npm run test:long` always does. */
  readonly pty?: boolean;
}

const ALWAYS_PTY = process.env['CONNSYNC_PROCESS'] === '1';

/** The command on a terminal of that many columns, and what the terminal makes of its output. */
export async function show(
  rig: Rig,
  args: string,
  { columns = 80, env = rig.keys, pty = ALWAYS_PTY }: ShowOptions = {},
): Promise<Shown> {
  const environment = { PATH: process.env['PATH'] ?? '', LANG: 'C.UTF-8', TERM: 'xterm-256color', ...env };
  if (!pty) {
    const words = args.split(' ').filter((arg) => arg !== '');
    const { output, exitCode } = await runInProcess(words, { cwd: rig.folder, env: environment, typed: '', columns });
    // The line discipline of a terminal adds the carriage return.
    const raw = output.replaceAll('\n', '\r\n');
    return { raw, exitCode, ...(await readOn(raw, columns)) };
  }
  const command = `stty cols ${columns} rows 50; exec ${process.execPath} ${CLI} ${args}`;
  const child = reaped(
    spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
      cwd: rig.folder,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  let raw = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (raw += text));
  const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { raw, exitCode, ...(await readOn(raw, columns)) };
}

async function readOn(raw: string, columns: number): Promise<Pick<Shown, 'lines' | 'broken'>> {
  const terminal = new Terminal({ cols: columns, rows: ROWS, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(raw, resolve));
  const lines: string[] = [];
  const broken: string[] = [];
  for (let index = 0; index < terminal.buffer.active.length; index += 1) {
    const line = terminal.buffer.active.getLine(index);
    const text = line?.translateToString(true) ?? '';
    if (line?.isWrapped === true) broken.push(text);
    lines.push(text);
  }
  terminal.dispose();
  while (lines.at(-1) === '') lines.pop();
  return { lines, broken };
}
