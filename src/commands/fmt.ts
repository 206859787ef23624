import { join } from 'node:path';
import { canonicalJson } from '../core/canonical.ts';
import { hasErrors, problem, type ExitCode, type Problem } from '../core/diagnostic.ts';
import type { Report } from '../core/event.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { formatManifest } from '../files/manifest-text/format.ts';
import { decodeText, loadManifest, type LoadedFile } from '../manifest/load.ts';
import { missingFolder } from '../manifest/missing-folder.ts';
import type { FmtFlags } from './flags.ts';
import { findInputs, type Inputs } from '../session/workspace.ts';
import { runSession } from '../session/session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Canonical order of keys and spacing in every manifest, comments kept. A file with an error is told and left alone, the
 * others are formatted all the same. With --check nothing is written, and each file that would change is an error.
 */
export async function fmt({ check, ...flags }: FmtFlags, runtime: Runtime): Promise<ExitCode> {
  const inputs = findInputs(flags, runtime);
  const target = { environment: 'default', site: inputs.settings.site ?? 'datadoghq.com' };
  return runSession({ command: 'fmt', target, compared: ['lockfile'], flags, runtime }, async (report) => {
    const problems = formatAll(inputs, check === true, runtime, report);
    if (problems.some(({ code }) => code === 'unexpected')) return 1;
    return hasErrors(problems) ? 3 : 0;
  });
}

function formatAll(
  { manifests, folders, problems: inSettings }: Inputs,
  check: boolean,
  runtime: Runtime,
  report: Report,
): readonly Problem[] {
  const started = runtime.clock();
  const { files, problems: found, missing } = manifests.list();
  const told: Problem[] = [];
  const tell = (item: Problem): void => {
    told.push(item);
    report({ type: 'problem', problem: item });
  };
  const absent = missing.map((folder) => missingFolder(folder, folders.shown));
  for (const item of [...inSettings, ...absent, ...found]) tell(item);
  let connections = 0;
  for (const file of files) {
    runtime.interrupts.stop.throwIfAborted();
    const formatted = formatOne(file, manifests.read(file));
    connections += formatted.connections;
    for (const item of formatted.problems ?? []) tell(item);
    if (formatted.text === undefined) continue;
    if (check) tell(unformatted(file, formatted));
    else {
      writeAtomically(join(runtime.cwd, file), formatted.text);
      report({ type: 'file-written', file });
    }
  }
  const ms = Math.round(runtime.clock() - started);
  report({ type: 'loaded', manifests: files.length, connections, entities: 0, ms });
  return told;
}

/** Problems, or the text that the file should have; neither where it has it already. */
interface Formatted {
  readonly connections: number;
  readonly problems?: readonly Problem[];
  readonly before?: string;
  readonly text?: string;
}

function formatOne(file: string, read: ReturnType<Inputs['manifests']['read']>): Formatted {
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
  // Only what the strict reader took is handed on: the formatter's own parser would not survive everything.
  if (hasErrors(before.problems)) return { connections, problems: before.problems };
  const text = formatManifest(decoded.text, file);
  // Bytes and not texts: a byte order mark goes too.
  if (original.equals(Buffer.from(text))) return { connections };
  if (saying(loadManifest(text, file)) !== saying(before)) return { connections, problems: [wouldChange(file)] };
  return { connections, before: decoded.text, text };
}

/** Everything that is said in a file, but for where. */
function saying({ documents, problems }: LoadedFile): string {
  const said = documents.map(({ desired }) => {
    const { place: _place, renamedFields = [], ...rest } = desired ?? {};
    return { ...rest, renamedFields: [...renamedFields] };
  });
  return canonicalJson([hasErrors(problems), said]);
}

function wouldChange(file: string): Problem {
  return problem('unexpected', 'formatting would change what the file says, so it is left as it is', {
    file,
    hint: 'this is a bug of connsync; report it together with the file',
  });
}

function unformatted(file: string, { before = '', text = '' }: Formatted): Problem {
  const lines = text.split('\n');
  const line = 1 + before.split('\n').findIndex((each, index) => each !== lines[index]);
  const place = { file, line: Math.max(1, line), column: 1 };
  return problem('unformatted', `${file} is not formatted`, { ...place, hint: 'run connsync fmt' });
}
