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
import { addRecords } from '../session/update-lockfile.ts';
import { runSurvey, type SurveyContext, type SurveySessionOptions } from '../session/survey-session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Writes a manifest for each live connection, and records the connections in the lockfile, so that the next plan has
 * no changes. Never overwrites a file. Reports connections that can't be imported, and imports the others.
 */
export async function importConnections(keys: readonly Key[], flags: ImportFlags, runtime: Runtime): Promise<ExitCode> {
  const entities = flags.entity === undefined ? entitiesOf(keys) : [flags.entity];
  const options: SurveySessionOptions = {
    command: 'import',
    flags,
    runtime,
    allowMissingFolders: true,
    writesLockfile: true,
    ...(entities.length === 0 ? {} : { entities }),
  };
  return runSurvey(options, async (survey, context) => {
    if (keys.length === 0 && flags.all !== true)
      throw new Failure('usage', 'no connection was named', {
        hint: 'name keys, for example users/crm-contacts, or add --all',
      });
    return importAll(keys.length > 0 ? keys : unmanagedKeys(survey), survey, context, runtime);
  });
}

/** Returns the keys of live connections that have no manifest. */
export function unmanagedKeys({ live, manifests }: Survey): readonly Key[] {
  return [...live.keys()].filter((key) => !manifests.desired.has(key));
}

/** Writes manifests and records for these keys. Returns exit code 4 if one of them can't be imported. */
export async function importAll(
  wanted: readonly Key[],
  survey: Survey,
  context: SurveyContext,
  runtime: Runtime,
): Promise<ExitCode> {
  const imported: RecordedConnection[] = [];
  const problems: Problem[] = [];
  for (const key of wanted) {
    const result = importOne(key, survey, context, runtime);
    if ('code' in result) problems.push(result);
    else {
      imported.push(result.record);
      context.report({ type: 'file-written', file: result.file, key });
    }
  }
  for (const found of problems) context.report({ type: 'problem', problem: found });
  await addRecords(survey, context, imported);
  return hasErrors(problems) ? 4 : 0;
}

function entitiesOf(keys: readonly Key[]): readonly string[] {
  return [...new Set(keys.map((key) => splitKey(key).entity))];
}

function importOne(
  key: Key,
  { live: allLive, manifests, snapshot }: Survey,
  { workspace }: SurveyContext,
  runtime: Runtime,
): { readonly file: string; readonly record: RecordedConnection } | Problem {
  const live = allLive.get(key);
  if (live === undefined)
    return problem('not-live', `${key} is not in Datadog`, { hint: 'run connsync drift to list the connections' });
  const desired = manifests.desired.get(key);
  if (desired !== undefined)
    return problem('has-manifest', `${key} already has a manifest`, {
      ...desired.place,
      hint: `run connsync accept ${key} to copy Datadog's version into it`,
    });
  const folder = workspace.folders.shown[0] ?? 'connections';
  const file = manifestPath(folder, live.entity, live.id);
  // If the manifest of a managed connection was deleted, its owner and protection come from the record.
  const { owner, protect, unknown } = snapshot.records.get(key) ?? {};
  const about = { ...compact({ owner, protect }) };
  const text = printManifest({ ...live, ...about }, { schema: schemaFor(file, runtime) });
  const notWritable = notImportable(text, file, live);
  if (notWritable !== undefined) return notWritable;
  if (!writeNew(resolve(runtime.cwd, folder), resolve(runtime.cwd, file), text))
    return problem('file-exists', `${file} exists; connsync does not overwrite it`, {
      file,
      hint: 'move the file away, then import again',
    });
  return { file, record: { key, spec: live.spec, ...about, ...compact({ unknown }) } };
}

/**
 * Returns a problem if the written manifest would not describe the same connection. For example, no manifest can have
 * an id with a slash.
 */
function notImportable(text: string, file: string, live: LiveConnection): Problem | undefined {
  const { documents, problems } = loadManifest(text, file);
  const error = problems.find(({ severity }) => severity === 'error');
  if (error === undefined && documents[0]?.key === live.key) return undefined;
  return problem(
    'not-importable',
    `can't write ${live.key} as a manifest: ${error?.message ?? 'it would describe a different connection'}`,
    { hint: 'rename the connection in Datadog, or leave it unmanaged' },
  );
}

/**
 * Returns the location of the manifest schema: the local copy if there is one, so that editors work offline; otherwise
 * the published one.
 */
function schemaFor(file: string, { cwd, version }: Runtime): string {
  const local = ['schemas/connection.schema.json', '.vscode/connsync.schema.json'].find((path) =>
    existsSync(join(cwd, path)),
  );
  if (local === undefined) return `https://unpkg.com/connsync@${version}/schemas/connection.schema.json`;
  return posix.normalize(relative(dirname(file), local).replaceAll('\\', '/'));
}
