import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { reaped } from '../rig/children.ts';
import { ROOT, runTyped, typedCommand } from '../rig/in-process.ts';

const PATIENCE_MS = 600_000;

export interface Printed {
  readonly exitCode: number | null;
  /** The output of both streams in order of arrival. */
  readonly output: string;
}

/** A bash session that keeps its folder, its environment and `$?` between commands, as the reader's own would. */
export class Shell {
  readonly #state: string;
  readonly #folder: string;
  #last = 0;

  constructor(scratch: string, folder: string) {
    this.#state = join(scratch, 'shell-state');
    this.#folder = folder;
    writeFileSync(this.#state, '');
  }

  /** The current folder. */
  get folder(): string {
    return /^declare -x PWD="(.*)"$/m.exec(readFileSync(this.#state, 'utf8'))?.[1] ?? this.#folder;
  }

  /** What earlier commands exported, for those that run without a shell. */
  #exported(): Readonly<Record<string, string>> {
    const lines = readFileSync(this.#state, 'utf8').matchAll(/^declare -x (\w+)="((?:[^"\\]|\\.)*)"$/gms);
    return Object.fromEntries(
      [...lines].map(([, name = '', value = '']) => [name, value.replace(/\\([\\"$`])/g, '$1')]),
    );
  }

  /**
   * Runs one command or a whole script. Variables that it exports override `env` from then on, except names that
   * start with DD_.
   */
  async run(command: string, { env, stopAtErrors }: RunOptions): Promise<Printed> {
    const typed = typedCommand(command);
    if (typed !== undefined) {
      const exported = this.#exported();
      const environment = { ...env, ...exported };
      const ended = await runTyped(typed, { cwd: this.folder, env: environment, version: VERSION });
      this.#last = ended.exitCode;
      return { exitCode: ended.exitCode, output: ended.output };
    }
    const script = [
      'exec 2>&1',
      `. '${this.#state}'; cd "$PWD"`,
      `trap 'code=$?; export -p | grep -v "^declare -x DD_" > "${this.#state}"; exit $code' EXIT`,
      stopAtErrors ? 'set -eo pipefail' : `(exit ${this.#last})`,
      command,
    ].join('\n');
    const child = reaped(
      spawn('bash', ['--noprofile', '--norc', '-c', script], {
        cwd: this.#folder,
        env,
        stdio: ['ignore', 'pipe', 'ignore'],
        timeout: PATIENCE_MS,
      }),
    );
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text));
    const exitCode = await new Promise<number | null>((resolve) => child.on('close', resolve));
    this.#last = exitCode ?? 1;
    return { exitCode, output };
  }
}

/** The version that the built command prints. */
const { version: VERSION } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };

interface RunOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Stop at the first failing command, as a script does. */
  readonly stopAtErrors: boolean;
}
