import { compact } from '../core/compact.ts';
import type { Argument, Command, Option } from 'commander';

/** The possible completions at the cursor. */
export interface Candidates {
  readonly values: readonly Candidate[];
  /** Whether files or folders are possible too. The shell completes their names itself. */
  readonly paths?: 'files' | 'folders';
}

export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

/**
 * Values that commander does not know, by their placeholder in the usage: `<site>`, `[keys...]`. Called only for the
 * placeholder at the cursor.
 */
export type ValuesOf = (placeholder: string) => readonly string[];

/** Placeholders for files and folders. */
const PATHS: Readonly<Record<string, Candidates['paths']>> = { file: 'files', folder: 'folders' };

/**
 * Returns the completions at the cursor. They come from the same commands and flags that parse the line, so nothing
 * is listed twice. `words` are the words after the program's name; the last one, perhaps empty, is the one to
 * complete.
 */
export function candidatesFor(program: Command, words: readonly string[], valuesOf: ValuesOf): Candidates {
  const at = read(program, joined(words));
  return matching(possible(at, valuesOf), at.given);
}

/** The part of the line parsed so far. */
interface Cursor {
  readonly command: Command;
  /** Number of the command's operands before the cursor. */
  readonly operands: number;
  /** The option whose value is at the cursor. */
  readonly option?: Option;
  /** The part of `given` before the value: `--format=` in `--format=js`. */
  readonly before: string;
  readonly given: string;
  readonly ended: boolean;
}

function read(program: Command, words: readonly string[]): Cursor {
  let command = program;
  let operands = 0;
  let option: Option | undefined;
  let ended = false;
  for (const word of words.slice(0, -1)) {
    if (option !== undefined) option = undefined;
    else if (!ended && word === '--') ended = true;
    else if (!ended && word.startsWith('-')) option = awaiting(command, word);
    else {
      const inner = operands === 0 ? named(command, word) : undefined;
      if (inner === undefined) operands += 1;
      else command = inner;
    }
  }
  const given = words.at(-1) ?? '';
  const equals = ended || !given.startsWith('--') ? -1 : given.indexOf('=');
  if (option !== undefined || equals < 0)
    return { command, operands, before: '', given, ended, ...compact({ option }) };
  const valued = optionOf(command, given.slice(0, equals));
  const before = given.slice(0, equals + 1);
  return { command, operands, before, given, ended, ...compact({ option: valued }) };
}

/** Joins the three words into which Bash splits `--format=js`. */
function joined(words: readonly string[]): readonly string[] {
  return words.flatMap((word, index) => {
    if (word === '=' && words[index - 1]?.startsWith('--') === true) return index === words.length - 1 ? [''] : [];
    return [word];
  });
}

function awaiting(command: Command, word: string): Option | undefined {
  const option = optionOf(command, word);
  return option?.required === true ? option : undefined;
}

function optionOf(command: Command, word: string): Option | undefined {
  return command.options.find(({ long, short }) => long === word || short === word);
}

function named(command: Command, word: string): Command | undefined {
  return command.commands.find((inner) => inner.name() === word || inner.aliases().includes(word));
}

function possible({ command, operands, option, before, given, ended }: Cursor, valuesOf: ValuesOf): Candidates {
  if (option !== undefined) return valued(option.argChoices, placeholderOf(option.flags), before, valuesOf);
  if (before !== '') return { values: [] };
  if (!ended && given.startsWith('-')) return { values: flagsOf(command) };
  const inner = operands === 0 ? commandsOf(command) : [];
  const argument = argumentAt(command.registeredArguments, operands);
  if (argument === undefined) return { values: inner };
  const { values, ...paths } = valued(argument.argChoices, argument.name(), '', valuesOf);
  return { values: [...inner, ...values], ...paths };
}

function argumentAt(all: readonly Argument[], operands: number): Argument | undefined {
  const last = all.at(-1);
  return all[operands] ?? (last?.variadic === true ? last : undefined);
}

function valued(
  choices: readonly string[] | undefined,
  placeholder: string,
  before: string,
  valuesOf: ValuesOf,
): Candidates {
  const paths = PATHS[placeholder];
  if (paths !== undefined) return { values: [], paths };
  return { values: (choices ?? valuesOf(placeholder)).map((value) => ({ value: before + value })) };
}

/** Returns `site` for `--site <site>`. */
function placeholderOf(flags: string): string {
  return /[<[]([^>\].]+)/.exec(flags)?.[1] ?? '';
}

function flagsOf(command: Command): readonly Candidate[] {
  const flags = command.createHelp().visibleOptions(command);
  return flags.map(({ long, short, description }) => ({ value: long ?? short ?? '', about: description }));
}

function commandsOf(command: Command): readonly Candidate[] {
  const inner = command.createHelp().visibleCommands(command);
  return inner.map((each) => ({ value: each.name(), about: each.summary() }));
}

function matching({ values, ...paths }: Candidates, given: string): Candidates {
  return { values: values.filter(({ value }) => value.startsWith(given)), ...paths };
}
