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
 * Copies Datadog's version of drifted connections into their manifests and records. Copies only the drift: changes made
 * in Git since the last apply stay in the manifests and still have to be applied.
 */
export async function accept(keys: readonly Key[], flags: AcceptFlags, runtime: Runtime): Promise<ExitCode> {
  return runSurvey({ command: 'accept', flags, runtime, writesLockfile: true }, async (survey, context) => {
    if (keys.length === 0 && flags.all !== true)
      throw new Failure('usage', 'no connection was named', {
        hint: 'name keys, for example users/billing, or add --all',
      });
    const drifted = driftOf({
      desired: survey.manifests.desired,
      recorded: survey.snapshot.records,
      live: survey.live,
    });
    const selected = keys.length > 0 ? keys : drifted.filter(({ state }) => state === 'changed').map(({ key }) => key);
    const accepted: RecordedConnection[] = [];
    const problems: Problem[] = [];
    for (const key of selected) {
      const rejected = notAcceptable(key, survey, drifted.find((connection) => connection.key === key)?.state);
      if (rejected !== undefined) {
        problems.push(rejected);
        continue;
      }
      const result = acceptOne(key, survey, runtime);
      if ('code' in result) problems.push(result);
      else {
        accepted.push(result.record);
        context.report({ type: 'file-written', file: result.file, key });
      }
    }
    for (const found of problems) context.report({ type: 'problem', problem: found });
    await addRecords(survey, context, accepted);
    return hasErrors(problems) ? 4 : 0;
  });
}

function notAcceptable(key: Key, { manifests }: Survey, state: string | undefined): Problem | undefined {
  const desired = manifests.desired.get(key);
  if (state === undefined)
    return problem('not-live', `${key} is neither in the lockfile nor in Datadog`, {
      hint: 'run connsync drift to list the connections',
    });
  if (desired === undefined)
    return problem('no-manifest', `${key} has no manifest`, {
      hint: `run connsync import ${key} to write one`,
    });
  if (state === 'missing')
    return problem('not-live', `${key} was deleted in Datadog`, {
      ...desired.place,
      hint: 'remove its manifest to accept the deletion, or run connsync apply to create it again',
    });
  if (state === 'in-sync') return problem('nothing-drifted', `${key} has not drifted`, desired.place);
  return undefined;
}

function acceptOne(
  key: Key,
  { manifests, snapshot, live: allLive }: Survey,
  runtime: Runtime,
): { readonly file: string; readonly record: RecordedConnection } | Problem {
  const desired = manifests.desired.get(key);
  const live = allLive.get(key);
  if (desired === undefined || live === undefined) throw new Error(`${key} has no manifest or is not live`);
  const before = snapshot.records.get(key);
  const lastApplied = before === undefined || before.conflicting !== undefined ? desired.spec : before.spec;
  const drift = driftDifferences(lastApplied, live.spec, before?.normalised).map(reverse);
  const spec = applyDifferences(desired.spec, drift);
  const { file } = desired.place;
  const raw = readFileSync(join(runtime.cwd, file), 'utf8');
  const mark = raw.startsWith('\uFEFF') ? '\uFEFF' : '';
  const edited = edit(raw.slice(mark.length), desired, spec);
  if ('objection' in edited) {
    return problem('not-importable', `can't write Datadog's version of ${key} to ${file}: ${edited.objection}`, {
      ...desired.place,
      hint: 'run connsync apply to restore your version, or change the connection in Datadog',
    });
  }
  writeAtomically(join(runtime.cwd, file), `${mark}${edited.text}`);
  return { file, record: recordOf({ ...desired, spec: applyDifferences(lastApplied, drift) }, before) };
}

/**
 * Returns the manifest's text with `spec` written into it, or the reason why that is impossible. Parses the new text
 * again to check it.
 */
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
    return same ? { text: edited } : { objection: 'the edited manifest would not match Datadog' };
  } catch (cause) {
    if (cause instanceof Failure) return { objection: cause.message };
    throw cause;
  }
}
