import { join } from 'node:path';
import { canonicalJson } from '../core/canonical.ts';
import { hasErrors, problem, type ExitCode, type Problem } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { formatManifest } from '../files/manifest-text/format.ts';
import { decodeText, loadManifest, type LoadedFile } from '../manifest/load.ts';
import { missingFolder } from '../reconcile/gather.ts';
import type { FmtFlags } from '../session/flags.ts';
import { openWorkspace, type Workspace } from '../session/workspace.ts';
import { runSession } from '../session/session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Formats every manifest: canonical key order and spacing, with comments kept. Reports files with errors and leaves
 * them unchanged. With --check it writes nothing, and each unformatted file is an error.
 */
export async function fmt({ check, ...flags }: FmtFlags, runtime: Runtime): Promise<ExitCode> {
  const workspace = openWorkspace(flags, runtime);
  const { target } = workspace;
  return runSession({ command: 'fmt', target, compared: ['lockfile'], flags, runtime }, async (report) => {
    const problems = formatAll(workspace, check === true, runtime, report);
    if (problems.some(({ code }) => code === 'unexpected')) return 1;
    return hasErrors(problems) ? 3 : 0;
  });
}

function formatAll(
  { manifests, folders, problems: inSettings }: Workspace,
  check: boolean,
  runtime: Runtime,
  report: Report,
): readonly Problem[] {
  const started = runtime.clock.monotonic();
  const { files, problems: unreadable, missing } = manifests.list();
  const reported: Problem[] = [];
  const reportProblem = (found: Problem): void => {
    reported.push(found);
    report({ type: 'problem', problem: found });
  };
  const missingFolders = missing.map((folder) => missingFolder(folder, folders.shown));
  for (const found of [...inSettings, ...missingFolders, ...unreadable]) reportProblem(found);
  let connections = 0;
  for (const file of files) {
    runtime.interrupts.stop.throwIfAborted();
    const formatted = formatOne(file, manifests.read(file));
    connections += formatted.connections;
    for (const found of formatted.problems ?? []) reportProblem(found);
    if (formatted.text === undefined) continue;
    if (check) reportProblem(unformatted(file, formatted));
    else {
      writeAtomically(join(runtime.cwd, file), formatted.text);
      report({ type: 'file-written', file });
    }
  }
  const ms = Math.round(runtime.clock.monotonic() - started);
  report({ type: 'loaded', manifests: files.length, connections, entities: 0, ms });
  return reported;
}

/** The result for one file: its problems, or the text to write. It has neither if the file is already formatted. */
interface Formatted {
  readonly connections: number;
  readonly problems?: readonly Problem[];
  readonly before?: string;
  readonly text?: string;
}

function formatOne(file: string, read: ReturnType<Workspace['manifests']['read']>): Formatted {
  if ('code' in read)
    return {
      connections: 0,
      problems: [problem(read.code, read.message, { file, line: 1, column: 1, hint: read.hint })],
    };
  const original = Buffer.from(read.bytes);
  const decoded = decodeText(original, file);
  if ('problem' in decoded) return { connections: 0, problems: [decoded.problem] };
  const before = loadManifest(decoded.text, file);
  const connections = before.documentCount;
  // The formatter's parser can't handle all invalid files, so it only gets files that the strict parser accepted.
  if (hasErrors(before.problems)) return { connections, problems: before.problems };
  const text = formatManifest(decoded.text, file);
  // Compares bytes, so that a byte order mark counts as a difference.
  if (original.equals(Buffer.from(text))) return { connections };
  if (meaningOf(loadManifest(text, file)) !== meaningOf(before)) return { connections, problems: [wouldChange(file)] };
  return { connections, before: decoded.text, text };
}

/** Returns the content of a file without source positions, to check that formatting preserves the content. */
function meaningOf({ documents, problems }: LoadedFile): string {
  const meanings = documents.map(({ desired }) => {
    const { place: _place, renamedFields = [], ...rest } = desired ?? {};
    return { ...rest, renamedFields: [...renamedFields] };
  });
  return canonicalJson([hasErrors(problems), meanings]);
}

function wouldChange(file: string): Problem {
  return problem('unexpected', 'formatting would change the meaning of the file, so it was not changed', {
    file,
    hint: 'this is a bug in connsync: report it together with the file',
  });
}

function unformatted(file: string, { before = '', text = '' }: Formatted): Problem {
  const lines = text.split('\n');
  const line = 1 + before.split('\n').findIndex((each, index) => each !== lines[index]);
  const place = { file, line: Math.max(1, line), column: 1 };
  return problem('unformatted', `${file} is not formatted`, { ...place, hint: 'run connsync fmt' });
}
