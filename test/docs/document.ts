/**
 * Parses a page of documentation into the steps that a reader would take, so that a test can take them too.
 *
 * | in the page                                            | meaning                                                                |
 * | ------------------------------------------------------ | ---------------------------------------------------------------------- |
 * | ```` ```sh ````                                        | a script that must succeed; its output is not compared                 |
 * | ```` ```console ````                                   | `$ command` lines, each followed by its exact output                   |
 * | ```` ```yaml file=connections/a.yaml ````              | a file to write, in any language                                       |
 * | ```` ```yaml ```` with `# connections/a.yaml` first    | the same; the comment is part of the file                              |
 * | any block with `no-run: why`                           | nothing to run, for that reason                                        |
 * | any other block                                        | nothing to run: an illustration                                        |
 * | `<!-- meanwhile: ana edits users/billing -->`          | an event elsewhere; the test defines it under that name                |
 *
 * `sh` and `console` may be followed by `exit=3`, if the last command is meant to fail, and `no-keys`, for a reader
 * without keys. In a `console` block a command that ends with a backslash continues on the next line, and `$ echo $?`
 * shows the exit code of the previous command.
 */
export type Step =
  | { readonly kind: 'write'; readonly line: number; readonly file: string; readonly text: string }
  | ({ readonly kind: 'script' } & Command)
  | ({ readonly kind: 'shown' } & Command & {
        readonly output: string;
        /** Lines of the page, from 1, that contain the output: the first one and the one after the last. */
        readonly outputAt: readonly [first: number, behind: number];
      })
  | { readonly kind: 'meanwhile'; readonly line: number; readonly what: string }
  | { readonly kind: 'left-out'; readonly line: number; readonly language: string; readonly reason: string };

interface Command {
  readonly line: number;
  readonly command: string;
  /** The expected exit code, or undefined if the next command shows it. */
  readonly exitCode: number | undefined;
  readonly keys: boolean;
}

interface Block {
  /** Line of the opening fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** The words after the language. */
  readonly info: string;
  readonly lines: readonly string[];
}

const MEANWHILE = /^\s*<!-- meanwhile: (.+) -->\s*$/;
const FENCE = /^(?<indent>\s*)(?<fence>`{3,}|~{3,})(?<language>[\w-]*)(?<info>.*)$/;
/** A path with a folder or an extension, alone in the comment. */
const NAMED = /^# ([\w./-]*[./][\w-]+)$/;

/** Returns the steps of a page in order. Throws if a block has an unsupported mark. */
export function stepsOf(markdown: string): readonly Step[] {
  const steps: Step[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const what = MEANWHILE.exec(lines[at] ?? '')?.[1];
    if (what !== undefined) steps.push({ kind: 'meanwhile', line: at + 1, what });
    const block = blockAt(lines, at);
    if (block === undefined) continue;
    steps.push(...stepsOfBlock(block));
    at += block.lines.length + 1;
  }
  return steps;
}

function blockAt(lines: readonly string[], at: number): Block | undefined {
  const { indent = '', fence = '', language = '', info = '' } = FENCE.exec(lines[at] ?? '')?.groups ?? {};
  if (fence === '' || (fence.startsWith('`') && info.includes('`'))) return undefined;
  const length = lines.slice(at + 1).findIndex((line) => line.trim().startsWith(fence) && !/[^`~\s]/.test(line));
  if (length < 0) throw new Error(`line ${at + 1}: the block never ends`);
  const body = lines.slice(at + 1, at + 1 + length).map((line) => line.slice(Math.min(indent.length, line.length)));
  return { line: at + 1, language, info: info.trim(), lines: body };
}

function stepsOfBlock(block: Block): readonly Step[] {
  const { line, language, info, lines } = block;
  const reason = /^no-run: (.+)$/.exec(info)?.[1];
  if (reason !== undefined) return [{ kind: 'left-out', line, language, reason }];
  if (language === 'console') return shownCommands(block);
  if (language === 'sh') {
    const { exitCode, keys } = quirks(block);
    return [{ kind: 'script', line: line + 1, command: lines.join('\n'), exitCode, keys }];
  }
  const file = /^file=(\S+)$/.exec(info)?.[1] ?? NAMED.exec(lines[0] ?? '')?.[1];
  if (file !== undefined) return [{ kind: 'write', line, file, text: `${lines.join('\n')}\n` }];
  if (info !== '') throw new Error(`line ${line}: "${info}" means nothing behind ${language}`);
  return [];
}

function shownCommands(block: Block): readonly Step[] {
  const { exitCode, keys } = quirks(block);
  const found: (Step & { readonly kind: 'shown' })[] = [];
  const { lines } = block;
  if (lines[0]?.startsWith('$ ') !== true) throw new Error(`line ${block.line}: a console block begins with "$ "`);
  for (let at = 0; at < lines.length;) {
    const line = block.line + 1 + at;
    let command = (lines[at] ?? '').slice(2);
    for (at += 1; command.endsWith('\\'); at += 1) command += `\n${lines[at] ?? ''}`;
    const from = at;
    while (at < lines.length && lines[at]?.startsWith('$ ') === false) at += 1;
    const outputAt = [block.line + 1 + from, block.line + 1 + at] as const;
    found.push({ kind: 'shown', line, command, exitCode: 0, keys, output: lines.slice(from, at).join('\n'), outputAt });
  }
  return found.map((step, index) => {
    const next = found[index + 1];
    return { ...step, exitCode: next === undefined ? exitCode : next.command === 'echo $?' ? undefined : 0 };
  });
}

/** The words after `sh` or `console`. */
function quirks({ line, info }: Block): { readonly exitCode: number; readonly keys: boolean } {
  let exitCode = 0;
  let keys = true;
  for (const word of info.split(/\s+/).filter((one) => one !== '')) {
    const code = /^exit=(\d+)$/.exec(word)?.[1];
    if (code !== undefined) exitCode = Number(code);
    else if (word === 'no-keys') keys = false;
    else throw new Error(`line ${line}: "${word}" means nothing here; exit=N, no-keys and "no-run: why" do`);
  }
  return { exitCode, keys };
}
