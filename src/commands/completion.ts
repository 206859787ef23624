import type { Command } from 'commander';
import { candidatesFor } from '../completion/candidates.ts';
import { recordedKeys } from '../completion/recorded-keys.ts';
import { SCRIPTS, unquoted } from '../completion/scripts.ts';
import type { Shell } from '../completion/shells.ts';
import { compact } from '../core/compact.ts';
import { CODES } from '../core/codes.ts';
import type { ExitCode } from '../core/diagnostic.ts';
import { escapeControl } from '../core/escape-control.ts';
import { SITES } from '../datadog/site.ts';
import { readManifestBytes } from '../files/read.ts';
import { LOCAL_SITE } from '../session/destination.ts';
import { openWorkspace } from '../session/workspace.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Prints the completion script of a shell. */
export async function printCompletion(shell: Shell, runtime: Runtime): Promise<ExitCode> {
  runtime.stdout.write(SCRIPTS[shell]);
  return 0;
}

/**
 * Prints the completions at the cursor. Ignores errors, because a message would appear in the middle of the user's
 * command line.
 */
export async function complete(
  shell: Shell,
  typed: readonly string[],
  program: Command,
  runtime: Runtime,
): Promise<ExitCode> {
  // Bash passes words as they were typed, with quotes. The other shells remove the quotes.
  const words = shell === 'bash' ? typed.map(unquoted) : typed;
  const { values, paths = 'nothing' } = candidatesFor(program, words, (placeholder) =>
    valuesOf(placeholder, words, runtime),
  );
  const lines = values.flatMap(({ value, about }) => {
    // The output has one candidate per line, so a value with a line break or another control character can't be
    // offered.
    if (escapeControl(value) !== value) return [];
    return shell === 'bash' || about === undefined ? value : `${value}\t${about}`;
  });
  runtime.stdout.write([paths, ...lines, ''].join('\n'));
  return 0;
}

function valuesOf(placeholder: string, words: readonly string[], runtime: Runtime): readonly string[] {
  switch (placeholder) {
    case 'code':
      return Object.keys(CODES);
    case 'site':
      return [...SITES, LOCAL_SITE];
    case 'key':
    case 'keys':
    case 'glob':
      return keysIn(words, runtime);
    case 'entity':
      return [...new Set(keysIn(words, runtime).map((key) => key.split('/', 1)[0] ?? ''))];
    default:
      return [];
  }
}

/** Returns the keys in the lockfile that the command line selects, or none if the lockfile is missing or unreadable. */
function keysIn(words: readonly string[], runtime: Runtime): readonly string[] {
  try {
    const dir = valuesGiven('--dir', words);
    const lockfile = valuesGiven('--lockfile', words).at(-1);
    const site = valuesGiven('--site', words).at(-1);
    const flags = { maxFiles: 1, ...compact({ lockfile, site }), ...(dir.length === 0 ? {} : { dir }) };
    const { path } = openWorkspace(flags, runtime).lockfile;
    // Doesn't use `readFile`, because it would block on a FIFO.
    const read = readManifestBytes(path, MAX_BYTES);
    return 'bytes' in read ? recordedKeys(new TextDecoder().decode(read.bytes)) : [];
  } catch {
    return [];
  }
}

/** The maximum size of a lockfile that completion reads, in bytes. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Returns the values given for a flag on the command line. */
function valuesGiven(flag: string, words: readonly string[]): readonly string[] {
  return words.slice(0, -1).flatMap((word, index) => {
    if (word.startsWith(`${flag}=`)) return word.slice(flag.length + 1);
    if (word !== flag) return [];
    const next = words[index + 1] === '=' ? words[index + 2] : words[index + 1];
    return next ?? [];
  });
}
