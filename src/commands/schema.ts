import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, posix, resolve } from 'node:path';
import type { ExitCode } from '../core/diagnostic.ts';
import { escapeControl } from '../core/escape-control.ts';
import { diskFailure, writeAtomically } from '../files/atomic-write.ts';
import { DEFAULTS, type SchemaFlags, type SchemaName } from '../session/flags.ts';
import { displayPathAsGiven } from '../session/display-path.ts';
import { openWorkspace } from '../session/workspace.ts';
import { refuseOwnFiles } from '../session/protected-paths.ts';
import { runOwnOutput } from '../session/plain-output.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Prints a schema that this version validates with, or writes it to a file. */
export async function printSchema(name: SchemaName, flags: SchemaFlags, runtime: Runtime): Promise<ExitCode> {
  return runOwnOutput(flags, runtime, async () => {
    const schema = await schemaOf(name);
    if (flags.write === undefined) {
      runtime.stdout.write(`${JSON.stringify(schema, null, flags.format === 'ndjson' ? undefined : 2)}\n`);
      return 0;
    }
    const path = resolve(runtime.cwd, flags.write);
    const file = displayPathAsGiven(runtime.cwd, flags.write);
    refuseOwnFiles(path, openWorkspace({ maxFiles: DEFAULTS.maxFiles }, runtime), runtime.cwd);
    const { wrote, madeFolder } = writeWhereItDiffers(path, `${JSON.stringify(schema, null, 2)}\n`);
    const made = madeFolder ? `, with the folder ${escapeControl(posix.dirname(file))}` : '';
    if (flags.format !== 'human') runtime.stdout.write(`${JSON.stringify({ formatVersion: '1.0', file, wrote })}\n`);
    else
      runtime.stdout.write(wrote ? `wrote ${escapeControl(file)}${made}\n` : `${escapeControl(file)} is up to date\n`);
    return 0;
  });
}

async function schemaOf(name: SchemaName): Promise<object> {
  switch (name) {
    case 'connection':
      return (await import('../../schemas/connection.schema.json', { with: { type: 'json' } })).default;
    case 'settings':
      return (await import('../../schemas/settings.schema.json', { with: { type: 'json' } })).default;
    case 'faults':
      return (await import('../../schemas/faults.schema.json', { with: { type: 'json' } })).default;
    default:
      return name satisfies never;
  }
}

/**
 * Makes the folder too, since editors look for schemas in one that has nothing else. Nothing is written where the file has this
 * text already: a file that is touched makes editors load the schema again.
 */
function writeWhereItDiffers(path: string, text: string): { readonly wrote: boolean; readonly madeFolder: boolean } {
  if (textOf(path) === text) return { wrote: false, madeFolder: false };
  let made: string | undefined;
  try {
    made = mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    // A file stands where a folder is to be: writing says so.
    if (!(cause instanceof Error && 'code' in cause && ['EEXIST', 'ENOTDIR'].includes(String(cause.code))))
      throw diskFailure(`could not make the folder of ${path}`, cause);
  }
  writeAtomically(path, text);
  return { wrote: true, madeFolder: made !== undefined };
}

function textOf(path: string): string | undefined {
  try {
    // Who opens a pipe waits until somebody writes to it.
    return lstatSync(path).isFile() ? readFileSync(path, 'utf8') : undefined;
  } catch {
    // Missing, or nothing to be read: writing says what is wrong.
    return undefined;
  }
}
