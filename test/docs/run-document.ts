/**
 * Takes every step of a page of documentation (document.ts describes the marks) in order, in one temporary folder,
 * with `connsync` on the PATH and an emulator of Datadog that DD_API_URL and two keys lead to. The printed text is
 * compared with the text on the page, without durations, dates, ports and UUIDs (output.ts).
 *
 *     await using ran = await runDocument('docs/guides/drift.md', {
 *       meanwhile: { 'ana edits users/billing': (datadog) => void datadog.edit('users', 'billing', …) },
 *     });
 *     expect(ran.wrong).toEqual([]);
 *     expect(ran.leftOut).toEqual(['12: real keys']); // line and reason
 *
 * `CONNSYNC_UPDATE_DOCS=1 npx vitest run … test/docs` writes the printed text into the page wherever it differs. An
 * omission in one place is kept, several are expanded. Review the difference in Git.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/server.ts';
import { CLI } from '../rig/rig.ts';
import { stepsOf, type Step } from './document.ts';
import { shows, steady } from './output.ts';
import { Shell, type Printed } from './shell.ts';

const ROOT = join(import.meta.dirname, '../..');

export interface DocumentOptions {
  readonly emulator?: EmulatorOptions;
  /** The connections that exist in Datadog before the first step. */
  readonly before?: (datadog: Emulator) => void;
  /** Events that happen elsewhere, by the text of their comment. */
  readonly meanwhile?: Readonly<Record<string, (datadog: Emulator, folder: string) => void>>;
  /** Files that exist in the folder before the first step, by path. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Ran extends AsyncDisposable {
  readonly folder: string;
  readonly datadog: Emulator;
  /** Every command with an unexpected exit code or output: `file:line`, the command, and both texts. */
  readonly wrong: readonly string[];
  /** The blocks that were not run, as `line: reason`. */
  readonly leftOut: readonly string[];
  readonly commands: number;
  readonly written: readonly string[];
}

export async function runDocument(file: string, options: DocumentOptions = {}): Promise<Ran> {
  const page = readFileSync(join(ROOT, file), 'utf8');
  const ran = await runSteps(file, page, options);
  if (process.env['CONNSYNC_UPDATE_DOCS'] === '1' && ran.corrected !== page)
    writeFileSync(join(ROOT, file), ran.corrected);
  return ran;
}

/** Does the same for a text that is not in a file; `corrected` is the text with the printed output. */
export async function runSteps(
  name: string,
  page: string,
  { emulator = {}, before, meanwhile = {}, files = {} }: DocumentOptions = {},
): Promise<Ran & { readonly corrected: string }> {
  const steps = stepsOf(page);
  const scratch = mkdtempSync(join(tmpdir(), 'connsync-docs-'));
  const folder = join(scratch, 'here');
  mkdirSync(folder);
  for (const [path, text] of Object.entries(files)) put(join(folder, path), text);
  const datadog = await startEmulator(emulator);
  before?.(datadog);
  const keys = { DD_API_URL: datadog.url, DD_API_KEY: 'a'.repeat(32), DD_APP_KEY: 'b'.repeat(40) };
  const plain = environment(scratch);
  const shell = new Shell(scratch, folder);

  const wrong: string[] = [];
  const written: string[] = [];
  const corrections: Correction[] = [];
  for (const step of steps) {
    switch (step.kind) {
      case 'write':
        put(join(shell.folder, step.file), step.text);
        written.push(step.file);
        break;
      case 'meanwhile': {
        const happens = meanwhile[step.what];
        if (happens === undefined) wrong.push(`${name}:${step.line}  nothing says how "${step.what}" happens`);
        happens?.(datadog, folder);
        break;
      }
      case 'script':
      case 'shown': {
        const env = step.keys ? { ...plain, ...keys } : plain;
        const printed = await shell.run(step.command, { env, stopAtErrors: step.kind === 'script' });
        const objection = objectionTo(step, printed);
        if (objection === undefined) break;
        wrong.push(`${name}:${step.line}  ${step.command}\n${objection}`);
        if (step.kind === 'shown') corrections.push({ at: step.outputAt, text: printed.output });
        break;
      }
      case 'left-out':
        break;
      default:
        step satisfies never;
    }
  }
  return {
    folder,
    datadog,
    wrong,
    written,
    commands: steps.filter(({ kind }) => kind === 'shown' || kind === 'script').length,
    leftOut: steps.flatMap((step) => (step.kind === 'left-out' ? [`${step.line}: ${step.reason}`] : [])),
    corrected: corrected(page, corrections),
    [Symbol.asyncDispose]: async () => {
      await datadog.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

function objectionTo(step: Step & { readonly kind: 'script' | 'shown' }, printed: Printed): string | undefined {
  if (step.exitCode !== undefined && printed.exitCode !== step.exitCode)
    return `ended with ${printed.exitCode}, not ${step.exitCode}:\n${printed.output}`;
  if (step.kind === 'script' || shows(step.output, printed.output)) return undefined;
  return `printed:\n${steady(printed.output)}\nand the page shows:\n${steady(step.output)}`;
}

interface Correction {
  readonly at: readonly [first: number, behind: number];
  readonly text: string;
}

/** Corrects from the end, so that the other line numbers stay valid. */
function corrected(page: string, corrections: readonly Correction[]): string {
  const lines = page.split('\n');
  for (const { at, text } of corrections.toReversed()) {
    const printed = text.trim() === '' ? [] : text.trimEnd().split('\n');
    const shown = lines.slice(at[0] - 1, at[1] - 1);
    lines.splice(at[0] - 1, at[1] - at[0], ...leftOutAsBefore(printed, shown));
  }
  return lines.join('\n');
}

/** If one part is omitted, keep as many lines at the beginning and the end as the page showed. */
function leftOutAsBefore(printed: readonly string[], shown: readonly string[]): readonly string[] {
  const first = shown.indexOf('…');
  const behind = shown.length - first - 1;
  if (first < 0 || shown.lastIndexOf('…') !== first || first + behind >= printed.length) return printed;
  return [...printed.slice(0, first), '…', ...printed.slice(printed.length - behind)];
}

/** The environment of a new terminal, without the settings of the current user. */
function environment(scratch: string): Readonly<Record<string, string>> {
  const bin = join(scratch, 'bin');
  mkdirSync(bin);
  symlinkSync(CLI, join(bin, 'connsync'));
  const person = { NAME: 'Ana', EMAIL: 'ana@acme.example' };
  const git = Object.entries(person).flatMap(([what, value]) => [
    [`GIT_AUTHOR_${what}`, value],
    [`GIT_COMMITTER_${what}`, value],
  ]);
  return {
    PATH: [bin, dirname(process.execPath), process.env['PATH'] ?? ''].join(delimiter),
    HOME: scratch,
    LANG: 'C.UTF-8',
    TZ: 'UTC',
    CONNSYNC_SETTLE_MS: '600',
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(git),
  };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
