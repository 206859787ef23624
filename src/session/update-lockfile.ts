import type { Key, RecordedConnection } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Records } from '../core/ports.ts';
import type { Survey } from '../reconcile/survey.ts';
import { headerWithFolders } from '../core/lockfile-header.ts';
import type { SurveyContext } from './survey-session.ts';

/** Adds records to the lockfile, or replaces those with the same keys. Writes nothing if nothing changed. */
export async function addRecords(
  survey: Survey,
  context: SurveyContext,
  records: readonly RecordedConnection[],
): Promise<void> {
  const all = new Map<Key, RecordedConnection>([
    ...survey.snapshot.records,
    ...records.map((item) => [item.key, item] as const),
  ]);
  await replaceRecords(survey, context, all);
}

/**
 * Replaces all records of the lockfile. Throws a Failure `lockfile-changed` if another process changed the lockfile
 * meanwhile.
 */
export async function replaceRecords(
  survey: Survey,
  { state, workspace, report }: SurveyContext,
  records: Records,
): Promise<void> {
  const { snapshot, target } = survey;
  const { site, org } = target;
  const header = headerWithFolders(snapshot.header, { site, org, folders: workspace.folders.recorded });
  const version = await state.commit({ header, records }, snapshot.version);
  if (typeof version !== 'string')
    throw new Failure('lockfile-changed', version.message, { hint: 'run the command again' });
  if (version !== snapshot.version)
    report({ type: 'recorded', file: workspace.lockfile.displayPath, connections: records.size });
}
