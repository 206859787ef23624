import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson } from '../core/canonical.ts';
import type { DesiredConnection, Key, RecordedConnection, Spec } from '../core/connection.ts';
import { Failure, hasErrors, problem, type ExitCode, type Problem } from '../core/diagnostic.ts';
import { applyDifferences, reverse } from '../core/difference.ts';
import { driftDifferences, driftOf } from '../core/drift.ts';
import { recordOf } from '../core/planner.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { editManifest } from '../files/manifest-text/edit.ts';
import { loadManifest } from '../manifest/load.ts';
import type { Survey } from '../reconcile/survey.ts';
import type { AcceptFlags } from '../session/flags.ts';
import { addRecords } from '../session/update-lockfile.ts';
import { runSurvey } from '../session/survey-session.ts';
import type { Runtime } from '../runtime/runtime.ts';

/**
 * Datadog's version of a drifted connection into its manifest and into the record. Only what drifted moves: what Git changed
 * since the last apply stays, and is still to be applied.
 */
export async function accept(keys: readonly Key[], flags: AcceptFlags, runtime: Runtime): Promise<ExitCode> {
  return runSurvey({ command: 'accept', flags, runtime, writesLockfile: true }, async (survey, at) => {
    if (keys.length === 0 && flags.all !== true)
      throw new Failure('usage', 'there is nothing to accept', {
        hint: 'name keys such as users/billing, or use --all',
      });
    const drifted = driftOf({
      desired: survey.manifests.desired,
      recorded: survey.snapshot.records,
      live: survey.live,
    });
    const wanted = keys.length > 0 ? keys : drifted.filter(({ state }) => state === 'changed').map(({ key }) => key);
    const accepted: RecordedConnection[] = [];
    const problems: Problem[] = [];
    for (const key of wanted) {
      const objection = objectionTo(key, survey, drifted.find((connection) => connection.key === key)?.state);
      if (objection !== undefined) {
        problems.push(objection);
        continue;
      }
      const result = acceptOne(key, survey, runtime);
      if ('code' in result) problems.push(result);
      else {
        accepted.push(result.record);
        at.report({ type: 'file-written', file: result.file, key });
      }
    }
    for (const told of problems) at.report({ type: 'problem', problem: told });
    await addRecords(survey, at, accepted);
    return hasErrors(problems) ? 4 : 0;
  });
}

function objectionTo(key: Key, { manifests }: Survey, state: string | undefined): Problem | undefined {
  const to = manifests.desired.get(key);
  if (state === undefined)
    return problem('not-live', `${key} is neither recorded nor in Datadog`, { hint: 'connsync drift lists what is' });
  if (to === undefined)
    return problem('no-manifest', `${key} has no manifest to accept anything into`, {
      hint: `connsync import ${key} writes one`,
    });
  if (state === 'missing')
    return problem('not-live', `${key} was deleted in Datadog`, {
      ...to.place,
      hint: 'remove its manifest to accept that, or connsync apply creates it again',
    });
  if (state === 'in-sync') return problem('nothing-drifted', `${key} did not drift`, to.place);
  return undefined;
}

function acceptOne(
  key: Key,
  { manifests, snapshot, live }: Survey,
  runtime: Runtime,
): { readonly file: string; readonly record: RecordedConnection } | Problem {
  const to = manifests.desired.get(key);
  const there = live.get(key);
  if (to === undefined || there === undefined) throw new Error(`${key} has no manifest or is not live`);
  const before = snapshot.records.get(key);
  const last = before === undefined || before.conflicting !== undefined ? to.spec : before.spec;
  const moved = driftDifferences(last, there.spec, before?.normalised).map(reverse);
  const spec = applyDifferences(to.spec, moved);
  const { file } = to.place;
  const raw = readFileSync(join(runtime.cwd, file), 'utf8');
  const mark = raw.startsWith('\uFEFF') ? '\uFEFF' : '';
  const edited = edit(raw.slice(mark.length), to, spec);
  if ('objection' in edited) {
    return problem(
      'not-importable',
      `what Datadog has of ${key} can not be written into ${file}: ${edited.objection}`,
      {
        ...to.place,
        hint: 'put it back with connsync apply, or change it in Datadog',
      },
    );
  }
  writeAtomically(join(runtime.cwd, file), `${mark}${edited.text}`);
  return { file, record: recordOf({ ...to, spec: applyDifferences(last, moved) }, before) };
}

/** The manifest's text with `spec` in it, read again to be sure; or why that can't be. */
function edit(
  text: string,
  { key, place, spec: from }: DesiredConnection,
  spec: Spec,
): { readonly text: string } | { readonly objection: string } {
  const index = loadManifest(text, place.file).documents.findIndex((document) => document.key === key);
  try {
    const edited = editManifest(text, index, from, spec);
    const { problems, documents } = loadManifest(edited, place.file);
    const error = problems.find(({ severity }) => severity === 'error');
    if (error !== undefined) return { objection: error.message };
    const read = documents[index]?.desired;
    const same = read !== undefined && canonicalJson(read.spec) === canonicalJson(spec);
    return same ? { text: edited } : { objection: 'it would read as something else' };
  } catch (cause) {
    if (cause instanceof Failure) return { objection: cause.message };
    throw cause;
  }
}
