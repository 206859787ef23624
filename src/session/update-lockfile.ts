import type { Key, RecordedConnection } from '../core/connection.ts';
import { Failure } from '../core/diagnostic.ts';
import type { Records } from '../core/ports.ts';
import type { Survey } from '../reconcile/survey.ts';
import { headerFor, type SurveyContext } from './survey-session.ts';

/** Puts records beside those that the lockfile has, or in their place. Nothing is written where there is nothing to say. */
export async function record(survey: Survey, at: SurveyContext, records: readonly RecordedConnection[]): Promise<void> {
  const all = new Map<Key, RecordedConnection>([
    ...survey.snapshot.records,
    ...records.map((item) => [item.key, item] as const),
  ]);
  await replaceRecords(survey, at, all);
}

/** Makes these the records of the lockfile. Throws a Failure where somebody else changed it in the meantime. */
export async function replaceRecords(
  survey: Survey,
  { state, inputs, report }: SurveyContext,
  records: Records,
): Promise<void> {
  const { version: before } = survey.snapshot;
  const version = await state.commit({ header: headerFor(survey, inputs), records }, before);
  if (typeof version !== 'string')
    throw new Failure('lockfile-changed', version.message, { hint: 'run the command again' });
  if (version !== before) report({ type: 'recorded', file: inputs.lockfile.shown, connections: records.size });
}
