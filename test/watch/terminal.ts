import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { CLI, type Rig } from '../rig/rig.ts';
import { missing } from '../machinery/process.ts';

/** The reason why no real terminal is available, or undefined if one is. */
export const NO_TERMINAL = missing('tmux', '-V');

const PATIENCE_MS = 240_000;

/**
 * Runs the built command on a real terminal, in its own tmux, whose shell reports the exit code and the final state
 * of the terminal.
 */
export class Terminal {
  readonly #socket: string;

  constructor(rig: Rig, args: string, columns = 120, env: Readonly<Record<string, string>> = rig.keys) {
    this.#socket = join(rig.folder, '.tmux');
    const variables = Object.entries({ LANG: 'C.UTF-8', CONNSYNC_SETTLE_MS: '600', ...env }).map(
      ([name, value]) => `${name}=${value}`,
    );
    const command = `env ${variables.join(' ')} ${process.execPath} ${CLI} ${args}; echo "ended $?"; stty -a | grep -o -- '-\\?icanon\\|-\\?echo \\|-\\?isig' | tr '\\n' ' '; sleep 60`;
    const size = ['-x', String(columns), '-y', '50'];
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      ...size,
      '-c',
      rig.folder,
      'env',
      '-u',
      'CI',
      'sh',
      '-c',
      command,
    );
  }

  /** The text on the screen and in the scrollback. */
  text(): string {
    return this.#tmux('capture-pane', '-p', '-S', '-200').trimEnd();
  }

  press(key: string): void {
    this.#tmux('send-keys', key);
  }

  /** Waits until the screen matches, and returns it. */
  async shows(what: RegExp): Promise<string> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const text = this.text();
      if (what.test(text)) return text;
      if (performance.now() > deadline) throw new Error(`${String(what)} never came:\n${text}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  [Symbol.dispose](): void {
    this.#tmux('kill-server');
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
  }
}
