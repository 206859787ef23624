import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { deflateSync } from 'node:zlib';
import { reaped } from '../../../rig/children.ts';
import { CLEAN } from './git.ts';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface GitObject {
  readonly sha: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

/** An entry of one tree object, without those of the folders below. */
export interface TreeItem {
  readonly name: string;
  /** Of six digits. */
  readonly mode: string;
  readonly sha: string;
}

type Waiting = (found: GitObject | undefined) => void;

/**
 * Reads objects through one long-lived `git cat-file --batch`, and writes loose ones as git does. A process of git for each object
 * was the most expensive part of the tests of the Action.
 */
export class Objects implements Disposable {
  readonly #gitFolder: string;
  #reader: ChildProcessByStdio<Writable, Readable, null> | undefined;
  readonly #waiting: Waiting[] = [];
  #arrived = Buffer.alloc(0);

  constructor(gitFolder: string) {
    this.#gitFolder = gitFolder;
  }

  /** The object that an expression such as `main`, a sha or `main:path` names. */
  async read(expression: string): Promise<GitObject | undefined> {
    if (expression.includes('\n')) return undefined;
    return await new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#started().stdin.write(`${expression}\n`);
    });
  }

  write(type: ObjectType, content: string | Uint8Array): string {
    const bytes = Buffer.from(content);
    const whole = Buffer.concat([Buffer.from(`${type} ${bytes.length}\0`), bytes]);
    const sha = createHash('sha1').update(whole).digest('hex');
    const file = join(this.#gitFolder, 'objects', sha.slice(0, 2), sha.slice(2));
    if (existsSync(file)) return sha;
    mkdirSync(dirname(file), { recursive: true });
    const temporary = `${file}.${randomUUID()}`;
    writeFileSync(temporary, deflateSync(whole), { mode: 0o444 });
    renameSync(temporary, file);
    return sha;
  }

  [Symbol.dispose](): void {
    this.#reader?.stdin.end();
    this.#reader = undefined;
  }

  #started(): ChildProcessByStdio<Writable, Readable, null> {
    if (this.#reader !== undefined) return this.#reader;
    const child = reaped(
      spawn('git', ['--git-dir', this.#gitFolder, 'cat-file', '--batch'], {
        env: CLEAN,
        stdio: ['pipe', 'pipe', 'ignore'],
      }),
    );
    child.stdin.on('error', () => {});
    child.stdout.on('data', (chunk: Buffer) => {
      this.#arrived = Buffer.concat([this.#arrived, chunk]);
      while (this.#takeAnswer());
    });
    child.on('close', () => {
      for (const resolve of this.#waiting.splice(0)) resolve(undefined);
    });
    this.#reader = child;
    return child;
  }

  /** `<sha> <type> <size>`, the content and an empty line; or `<expression> missing`. */
  #takeAnswer(): boolean {
    const end = this.#arrived.indexOf('\n');
    if (end === -1) return false;
    const header = this.#arrived.subarray(0, end).toString();
    const [, sha, type, size] = /^([0-9a-f]{40}) (blob|tree|commit|tag) (\d+)$/.exec(header) ?? [];
    if (sha === undefined) {
      this.#arrived = this.#arrived.subarray(end + 1);
      this.#waiting.shift()?.(undefined);
      return true;
    }
    const last = end + 1 + Number(size);
    if (this.#arrived.length <= last) return false;
    const content = Buffer.from(this.#arrived.subarray(end + 1, last));
    this.#arrived = this.#arrived.subarray(last + 1);
    this.#waiting.shift()?.({ sha, type: type as ObjectType, content });
    return true;
  }
}

export function treeItems(content: Buffer): readonly TreeItem[] {
  const items: TreeItem[] = [];
  for (let at = 0; at < content.length;) {
    const end = content.indexOf(0, at);
    const [mode = '', ...name] = content.subarray(at, end).toString().split(' ');
    const sha = content.subarray(end + 1, end + 21).toString('hex');
    items.push({ name: name.join(' '), mode: mode.padStart(6, '0'), sha });
    at = end + 21;
  }
  return items;
}

/** Git sorts a folder as if its name ended with a slash. */
export function treeContent(items: readonly TreeItem[]): Buffer {
  const sortedBy = ({ name, mode }: TreeItem): Buffer => Buffer.from(mode === FOLDER ? `${name}/` : name);
  const sorted = items.toSorted((one, other) => Buffer.compare(sortedBy(one), sortedBy(other)));
  return Buffer.concat(
    sorted.map(({ name, mode, sha }) =>
      Buffer.concat([Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`), Buffer.from(sha, 'hex')]),
    ),
  );
}

export const FOLDER = '040000';
