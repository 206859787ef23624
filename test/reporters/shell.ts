import { execFile, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const HAS_CURL = spawnSync('curl', ['--version']).status === 0;

export interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script with `sh` in an environment that contains only the given variables. */
export async function sh(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<Ran> {
  const file = join(cwd, 'script.sh');
  writeFileSync(file, script);
  return new Promise((resolve) => {
    execFile('sh', [file], { cwd, env }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ exitCode, stdout, stderr });
    });
  });
}

/** A fake `curl` that records its arguments and, if they request it, its stdin. */
const FAKE = `#!/bin/sh
for argument in "$@"; do printf 'argument %s\\0' "$argument" >> "$RECORD"; done
case "$*" in *'--data @-') { printf 'input '; cat; printf '\\0'; } >> "$RECORD" ;; esac
printf 'end\\0' >> "$RECORD"
exit "$CURL_EXIT"
`;

/** A folder in which a script calls the fake `curl` and must create nothing else. */
export class FakeCurl {
  readonly folder = mkdtempSync(join(tmpdir(), 'connsync-curl-'));

  constructor() {
    for (const name of ['bin', 'cwd']) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, 'bin', 'curl'), FAKE);
    chmodSync(join(this.folder, 'bin', 'curl'), 0o755);
  }

  /** Every call of the script as a list of arguments, followed by its stdin if it has one. */
  async calls(
    script: string,
    curlExit = 0,
  ): Promise<{ readonly ran: Ran; readonly calls: readonly (readonly string[])[]; readonly files: readonly string[] }> {
    const record = join(this.folder, 'record');
    rmSync(record, { force: true });
    const ran = await sh(script, join(this.folder, 'cwd'), {
      PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      RECORD: record,
      CURL_EXIT: String(curlExit),
      DD_API_KEY: 'the api key',
      DD_APP_KEY: 'the app key',
      DD_API_URL: 'http://api.test',
    });
    const text = existsSync(record) ? readFileSync(record, 'utf8') : '';
    const calls = text
      .split('end\0')
      .slice(0, -1)
      .map((call) =>
        call
          .split('\0')
          .slice(0, -1)
          .map((part) => part.replace(/^(?:argument|input) /, '')),
      );
    return { ran, calls, files: readdirSync(join(this.folder, 'cwd')) };
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
