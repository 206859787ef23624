import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Shell as Name } from '../../src/completion/shells.ts';
import { missing } from '../machinery/process.ts';
import { CLI } from '../rig/rig.ts';

/** Returns why a shell can't be tested here, or undefined if it can. */
export function lacking(shell: Name): string | undefined {
  return missing(shell, '--version') ?? missing('tmux', '-V');
}

const PATIENCE_MS = 240_000;

/**
 * The stub that a line runs: it writes its arguments to a file, each with a trailing NUL. `command connsync` is the
 * real program.
 */
const RECORDER = String.raw`printf '%s\0' "$@" > "$ASIDE/ran.part"; mv "$ASIDE/ran.part" "$ASIDE/ran"`;

const STARTS: Readonly<
  Record<Name, (aside: string) => { readonly rc: string; readonly file: string; readonly command: string }>
> = {
  bash: (aside) => ({
    file: 'rc.bash',
    rc: `source <(command connsync completion bash)\nconnsync() { ${RECORDER}; }\ntouch "$ASIDE/ready"\n`,
    command: `bash --noprofile --rcfile ${aside}/rc.bash -i`,
  }),
  zsh: () => ({
    file: '.zshrc',
    rc: `autoload -Uz compinit && compinit -u -D\nsource <(command connsync completion zsh)\nconnsync() { ${RECORDER}; }\ntouch "$ASIDE/ready"\n`,
    command: 'zsh -i',
  }),
  fish: (aside) => ({
    file: 'rc.fish',
    rc: `command connsync completion fish | source\nfunction connsync; printf '%s\\0' $argv > $ASIDE/ran.part; mv $ASIDE/ran.part $ASIDE/ran; end\ntouch $ASIDE/ready\n`,
    command: `fish --no-config --init-command 'source ${aside}/rc.fish'`,
  }),
};

/** A real shell on a real terminal, with the completion script that the built command prints. */
export class InteractiveShell {
  /** Folder of the shell's own files; `folder` contains only what a test writes there. */
  readonly #aside = mkdtempSync(join(tmpdir(), 'connsync-shell-'));

  constructor(shell: Name, folder: string) {
    const { rc, file, command } = STARTS[shell](this.#aside);
    writeFileSync(join(this.#aside, file), rc);
    writeFileSync(join(this.#aside, 'connsync'), `#!/bin/sh\nexec "${process.execPath}" "${CLI}" "$@"\n`);
    chmodSync(join(this.#aside, 'connsync'), 0o755);
    const variables = {
      PATH: `${this.#aside}:${process.env['PATH'] ?? ''}`,
      ASIDE: this.#aside,
      ZDOTDIR: this.#aside,
      HOME: this.#aside,
      LANG: 'C.UTF-8',
      TERM: 'screen-256color',
    };
    const env = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    this.#tmux(
      '-f',
      '/dev/null',
      'new-session',
      '-d',
      '-x',
      '200',
      '-y',
      '50',
      '-c',
      folder,
      `env ${env.join(' ')} ${command}`,
    );
  }

  async ready(): Promise<void> {
    await this.#appears('ready');
  }

  /** Types pieces of a line, each followed by a tab, runs the line, and returns the arguments that the shell passed. */
  async completes(...pieces: readonly string[]): Promise<readonly string[]> {
    rmSync(join(this.#aside, 'ran'), { force: true });
    for (const piece of pieces) {
      this.types(piece);
      this.press('Tab');
    }
    this.press('Enter');
    await this.#appears('ran');
    return readFileSync(join(this.#aside, 'ran'), 'utf8').split('\0').slice(0, -1);
  }

  types(text: string): void {
    this.#tmux('send-keys', '-l', '--', text);
  }

  press(key: string): void {
    this.#tmux('send-keys', key);
  }

  [Symbol.dispose](): void {
    this.#tmux('kill-server');
    rmSync(this.#aside, { recursive: true, force: true });
  }

  async #appears(file: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!existsSync(join(this.#aside, file))) {
      if (performance.now() > deadline) {
        const screen = this.#tmux('capture-pane', '-p', '-S', '-20').trimEnd();
        this.press('C-c');
        throw new Error(`${file} never came:\n${screen}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  #tmux(...args: readonly string[]): string {
    return execFileSync('tmux', ['-S', join(this.#aside, '.tmux'), ...args], { encoding: 'utf8' });
  }
}
