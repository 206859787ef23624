import { join } from 'node:path';
import { hasErrors, problem, type ExitCode } from '../core/diagnostic.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { formatManifest } from '../files/manifest-text/format.ts';
import { decodeText, loadManifest } from '../manifest/load.ts';
import { missingFolder } from '../manifest/missing-folder.ts';
import type { FmtFlags } from './flags.ts';
import { findInputs } from './inputs.ts';
import { runSession } from './session.ts';
import type { World } from './world.ts';

/**
 * Canonical order of keys and spacing in every manifest, comments kept. A file with an error is told and left alone, the
 * others are formatted all the same. With --check nothing is written, and each file that would change is an error.
 */
export async function fmt({ check, ...flags }: FmtFlags, world: World): Promise<ExitCode> {
  const { manifests, folders, settings, problems } = findInputs(flags, world);
  const target = { environment: 'default', site: settings.site ?? 'datadoghq.com' };
  return runSession({ command: 'fmt', target, compared: ['lockfile'], flags, world }, async (report) => {
    const started = world.clock();
    const { files, problems: found, missing } = manifests.list();
    const told = [...problems, ...missing.map((folder) => missingFolder(folder, folders.shown)), ...found];
    let connections = 0;
    for (const file of files) {
      const formatted = formatOne(file, manifests.read(file));
      if ('problems' in formatted) {
        told.push(...formatted.problems);
        continue;
      }
      connections += formatted.connections;
      if (formatted.text === formatted.before) continue;
      if (check === true) told.push(problem('unformatted', `${file} is not formatted`, { file, hint: 'connsync fmt' }));
      else {
        writeAtomically(join(world.cwd, file), formatted.text);
        report({ type: 'wrote', file });
      }
    }
    for (const item of told) report({ type: 'problem', problem: item });
    report({
      type: 'loaded',
      manifests: files.length,
      connections,
      entities: 0,
      ms: Math.round(world.clock() - started),
    });
    return hasErrors(told) ? 3 : 0;
  });
}

type Read = ReturnType<ReturnType<typeof findInputs>['manifests']['read']>;

interface Formatted {
  readonly before: string;
  readonly text: string;
  readonly connections: number;
}

function formatOne(file: string, read: Read): Formatted | { readonly problems: readonly ReturnType<typeof problem>[] } {
  if ('code' in read) return { problems: [problem(read.code, read.message, { file })] };
  const decoded = decodeText(read.bytes, file);
  if ('problem' in decoded) return { problems: [decoded.problem] };
  const { problems, documents } = loadManifest(decoded.text, file);
  // Only what the strict reader took is handed on: the formatter's own parser would not survive everything.
  if (hasErrors(problems)) return { problems };
  return { before: decoded.text, text: formatManifest(decoded.text, file), connections: documents.length };
}
