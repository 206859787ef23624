import { lstatSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, posix, resolve } from 'node:path';
import type { ExitCode } from '../core/diagnostic.ts';
import { escapeControl } from '../core/escape-control.ts';
import { diskFailure, writeAtomically } from '../files/atomic-write.ts';
import { DEFAULTS, type SchemaFlags, type SchemaName } from '../session/flags.ts';
import { displayPathAsGiven } from '../session/display-path.ts';
import { openWorkspace } from '../session/workspace.ts';
import { rejectProtectedPath } from '../session/protected-paths.ts';
import { runPlainCommand } from '../session/plain-output.ts';
import type { Runtime } from '../runtime/runtime.ts';

/** Prints a JSON Schema of this version, or writes it to a file. */
export async function printSchema(name: SchemaName, flags: SchemaFlags, runtime: Runtime): Promise<ExitCode> {
  return runPlainCommand(flags, runtime, async () => {
    const schema = await schemaOf(name);
    if (flags.write === undefined) {
      runtime.stdout.write(`${JSON.stringify(schema, null, flags.format === 'ndjson' ? undefined : 2)}\n`);
      return 0;
    }
    const path = resolve(runtime.cwd, flags.write);
    const file = displayPathAsGiven(runtime.cwd, flags.write);
    rejectProtectedPath(path, openWorkspace({ maxFiles: DEFAULTS.maxFiles }, runtime), runtime.cwd);
    const { wrote, createdFolder } = writeIfChanged(path, `${JSON.stringify(schema, null, 2)}\n`);
    const created = createdFolder ? ` and created ${escapeControl(posix.dirname(file))}` : '';
    if (flags.format !== 'human') runtime.stdout.write(`${JSON.stringify({ formatVersion: '1.0', file, wrote })}\n`);
    else
      runtime.stdout.write(
        wrote ? `wrote ${escapeControl(file)}${created}\n` : `${escapeControl(file)} is up to date\n`,
      );
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
 * Writes the file and creates its folder. Leaves a file with the same text untouched, because editors reload a schema
 * when its modification time changes.
 */
function writeIfChanged(path: string, text: string): { readonly wrote: boolean; readonly createdFolder: boolean } {
  if (textOf(path) === text) return { wrote: false, createdFolder: false };
  let created: string | undefined;
  try {
    created = mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    // If a file has the folder's name, the write below reports the error.
    if (!(cause instanceof Error && 'code' in cause && ['EEXIST', 'ENOTDIR'].includes(String(cause.code))))
      throw diskFailure(`could not create the folder for ${path}`, cause);
  }
  writeAtomically(path, text);
  return { wrote: true, createdFolder: created !== undefined };
}

function textOf(path: string): string | undefined {
  try {
    // Opening a FIFO would block until another process writes to it.
    return lstatSync(path).isFile() ? readFileSync(path, 'utf8') : undefined;
  } catch {
    // If the file is unreadable, the write reports the error.
    return undefined;
  }
}
