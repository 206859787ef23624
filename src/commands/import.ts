import { compact } from '../core/compact.ts';
import { existsSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { splitKey, type Key, type LiveConnection, type RecordedConnection } from '../core/connection.ts';
import { Failure, hasErrors, problem, type ExitCode, type Problem } from '../core/diagnostic.ts';
import { writeNew } from '../files/write-new.ts';
import { manifestPath } from '../files/manifest-text/path.ts';
import { printManifest } from '../files/manifest-text/print.ts';
import { loadManifest } from '../manifest/load.ts';
import type { Survey } from '../reconcile/survey.ts';
import type { ImportFlags } from '../session/flags.ts';
import { record } from '../session/update-lockfile.ts';
import { runSurvey, type SurveyContext } from '../session/survey-session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Live connections into manifests, one file each, and into the lockfile: then a plan says `No changes.`
 * Never overwrites a file; what can't be imported is told, and the rest goes on.
 */
export async function importConnections(keys: readonly Key[], flags: ImportFlags, runtime: Runtime): Promise<ExitCode> {
  const entities = flags.entity === undefined ? entitiesOf(keys) : [flags.entity];
  const options = {
    command: 'import',
    flags,
    runtime,
    allowMissingFolders: true,
    records: true,
    ...(entities.length === 0 ? {} : { entities }),
  };
  return runSurvey(options, async (survey, at) => {
    if (keys.length === 0 && flags.all !== true)
      throw new Failure('usage', 'there is nothing to import', {
        hint: 'name keys such as users/crm-contacts, or use --all',
      });
    return importAll(keys.length > 0 ? keys : unmanaged(survey), survey, at, runtime);
  });
}

/** Everything that is live and has no manifest. */
export function unmanaged({ live, manifests }: Survey): readonly Key[] {
  return [...live.keys()].filter((key) => !manifests.desired.has(key));
}

/** Manifests and records for these, once somebody has looked. 4 where one of them can't be imported. */
export async function importAll(
  wanted: readonly Key[],
  survey: Survey,
  at: SurveyContext,
  runtime: Runtime,
): Promise<ExitCode> {
  const imported: RecordedConnection[] = [];
  const problems: Problem[] = [];
  for (const key of wanted) {
    const result = importOne(key, survey, at, runtime);
    if ('code' in result) problems.push(result);
    else {
      imported.push(result.record);
      at.report({ type: 'file-written', file: result.file, key });
    }
  }
  for (const told of problems) at.report({ type: 'problem', problem: told });
  await record(survey, at, imported);
  return hasErrors(problems) ? 4 : 0;
}

function entitiesOf(keys: readonly Key[]): readonly string[] {
  return [...new Set(keys.map((key) => splitKey(key).entity))];
}

function importOne(
  key: Key,
  { live, manifests, snapshot }: Survey,
  { workspace }: SurveyContext,
  runtime: Runtime,
): { readonly file: string; readonly record: RecordedConnection } | Problem {
  const there = live.get(key);
  if (there === undefined)
    return problem('not-live', `${key} is not in Datadog`, { hint: 'connsync drift lists what is' });
  const to = manifests.desired.get(key);
  if (to !== undefined)
    return problem('has-manifest', `${key} has a manifest already`, {
      ...to.place,
      hint: `connsync accept ${key} copies Datadog's version into it`,
    });
  const folder = workspace.folders.shown[0] ?? 'connections';
  const file = manifestPath(folder, there.entity, there.id);
  // One whose manifest was lost is imported with what its record remembers.
  const { owner, protect, unknown } = snapshot.records.get(key) ?? {};
  const about = { ...compact({ owner, protect }) };
  const text = printManifest({ ...there, ...about }, { schema: schemaFor(file, runtime) });
  const objection = objectionTo(text, file, there);
  if (objection !== undefined) return objection;
  if (!writeNew(resolve(runtime.cwd, folder), resolve(runtime.cwd, file), text))
    return problem('file-exists', `${file} exists, and is not overwritten`, {
      file,
      hint: 'move it away, then import again',
    });
  return { file, record: { key, spec: there.spec, ...about, ...compact({ unknown }) } };
}

/** What Datadog has may be what a manifest can't say: an id with a slash, say. Better not imported than imported wrongly. */
function objectionTo(text: string, file: string, there: LiveConnection): Problem | undefined {
  const { documents, problems } = loadManifest(text, file);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error === undefined && documents[0]?.key === there.key) return undefined;
  return problem(
    'not-importable',
    `${there.key} can not be written as a manifest: ${error?.message ?? 'it would read as another connection'}`,
    { hint: 'rename it in Datadog, or leave it unmanaged' },
  );
}

/** The schema beside the manifests where there is one, so that editors work offline; else the published one of this version. */
function schemaFor(file: string, { cwd, version }: Runtime): string {
  const local = ['schemas/connection.schema.json', '.vscode/connsync.schema.json'].find((path) =>
    existsSync(join(cwd, path)),
  );
  if (local === undefined) return `https://unpkg.com/connsync@${version}/schemas/connection.schema.json`;
  return posix.normalize(relative(dirname(file), local).replaceAll('\\', '/'));
}
