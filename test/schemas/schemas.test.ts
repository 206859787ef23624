import { describe, expect, test } from 'vitest';
import { complaints, undescribed, type Published } from './published.ts';
import * as sample from './samples.ts';

describe.each<readonly [string, Published, object]>([
  ['a plan', 'plan', sample.PLAN],
  ['a failed plan', 'plan', { ...sample.PLAN, actions: [], checksum: null }],
  [
    'an offline plan of an unknown organisation',
    'plan',
    { ...sample.PLAN, compared: ['lockfile'], target: { environment: 'default', site: 'local' } },
  ],
  ['a plan in a file', 'plan', sample.REVIEWED],
  ['a filtered plan', 'plan', { ...sample.PLAN, summary: { ...sample.SUMMARY, filtered: 2 } }],
  ['an apply', 'plan', sample.APPLY],
  ['a validate document', 'validate', sample.VALIDATE],
  ['a header', 'lockfile', sample.HEADER],
  ['a record', 'lockfile', sample.RECORD],
  ['a start', 'events', sample.START],
  ['a failure', 'events', sample.FAILED_EVENT],
  ['a problem', 'events', sample.PROBLEM_EVENT],
  ['saved files', 'events', sample.CHANGED_EVENT],
  ['a wait', 'events', sample.WAITING_EVENT],
  ['an end', 'events', sample.END],
  [
    'an end of a run without a plan',
    'events',
    { ...sample.END, summary: undefined, applied: undefined, failed: undefined, skipped: undefined },
  ],
])('%s', (_, name, value) => {
  const document: unknown = JSON.parse(JSON.stringify(value));

  test('passes its schema and has no undescribed member', () => {
    expect(complaints(name, document)).toEqual([]);
    expect(undescribed(name, document)).toEqual([]);
  });

  test('passes with a member that a later version added', () => {
    const added = { ...(document as object), added_later: { deep: [1] } };
    expect(complaints(name, added)).toEqual([]);
    expect(undescribed(name, added)).not.toEqual([]);
  });
});

test('an event of a type that a later version added passes', () => {
  expect(complaints('events', sample.LATER_EVENT)).toEqual([]);
});

describe.each<readonly [Published, string, object]>([
  ['plan', 'no checksum', { ...sample.PLAN, checksum: undefined }],
  ['plan', 'a checksum of another kind', { ...sample.PLAN, checksum: 'md5:00' }],
  ['plan', 'the format of a later major version', { ...sample.PLAN, formatVersion: '2.0' }],
  ['plan', 'a plan that compared with live alone', { ...sample.PLAN, compared: ['live'] }],
  ['plan', 'a target without its site', { ...sample.PLAN, target: { environment: 'default' } }],
  ['plan', 'a summary that leaves drifted out', { ...sample.PLAN, summary: { ...sample.SUMMARY, drifted: undefined } }],
  ['plan', 'a count below zero', { ...sample.PLAN, summary: { ...sample.SUMMARY, create: -1 } }],
  ['plan', 'a refusal without its keys', { ...sample.PLAN, refusals: [{ ...sample.REFUSAL, keys: undefined }] }],
  ['plan', 'a problem of an unknown severity', { ...sample.PLAN, problems: [{ ...sample.PROBLEM, severity: 'info' }] }],
  ['plan', 'an unknown kind of action', planWith({ ...sample.CREATE, kind: 'destroy' })],
  ['plan', 'an action without a digest', planWith({ ...sample.CREATE, digest: undefined })],
  ['plan', 'a key without an entity', planWith({ ...sample.CREATE, key: 'crm' })],
  ['plan', 'a create with changes', planWith({ ...sample.CREATE, changes: [sample.CHANGE] })],
  ['plan', 'a create that takes over', planWith({ ...sample.CREATE, takeover: true })],
  ['plan', 'an update without changes', planWith({ ...sample.UPDATE, changes: [] })],
  ['plan', 'an update with reasons to replace', planWith({ ...sample.UPDATE, reasons: ['type'] })],
  ['plan', 'a replace without reasons', planWith({ ...sample.REPLACE, reasons: undefined })],
  ['plan', 'an update that lets attributes vanish', planWith({ ...sample.UPDATE, attributes: ['@plan'] })],
  ['plan', 'a change without its cause', planWith({ ...sample.UPDATE, changes: [{ path: 'type', to: 'x' }] })],
  ['plan', 'a change to a number', planWith({ ...sample.UPDATE, changes: [{ ...sample.CHANGE, to: 1 }] })],
  ['plan', 'inputs without options', { ...sample.REVIEWED, options: undefined }],
  ['plan', 'a limit that is none', { ...sample.REVIEWED, options: { ...sample.REVIEWED.options, maxDeletes: '101%' } }],
  ['plan', 'outcomes without their counts', { ...sample.PLAN, outcomes: [] }],
  ['plan', 'counts without outcomes', { ...sample.PLAN, applied: 0, failed: 0, skipped: 0 }],
  ['plan', 'a failure without its reason', applyWith({ ...sample.FAILED, error: undefined })],
  ['plan', 'a success with an error', applyWith({ ...sample.APPLIED, error: sample.ERROR })],
  ['plan', 'an unknown status', applyWith({ ...sample.APPLIED, status: 'done' })],
  ['validate', 'no count of files', { ...sample.VALIDATE, manifests: undefined }],
  ['validate', 'problems that are texts', { ...sample.VALIDATE, problems: ['wrong'] }],
  ['validate', 'a line without a file', { ...sample.VALIDATE, problems: [{ ...sample.PROBLEM, file: undefined }] }],
  ['validate', 'a line before the first', { ...sample.VALIDATE, problems: [{ ...sample.PROBLEM, line: 0 }] }],
  ['validate', 'an empty message', { ...sample.VALIDATE, problems: [{ ...sample.PROBLEM, message: '' }] }],
  ['lockfile', 'another version', { ...sample.HEADER, lockfileVersion: 2 }],
  ['lockfile', 'a header without a site', { ...sample.HEADER, site: undefined }],
  ['lockfile', 'a header without folders', { ...sample.HEADER, manifests: [] }],
  ['lockfile', 'header and record in one line', { ...sample.HEADER, ...sample.RECORD }],
  ['lockfile', 'a record without a checksum', { ...sample.RECORD, sha: undefined }],
  ['lockfile', 'a long checksum', { ...sample.RECORD, sha: '0'.repeat(64) }],
  ['lockfile', 'protection that is off, but written', { ...sample.RECORD, protect: false }],
  ['lockfile', 'an empty list of fields', { ...sample.RECORD, spec: { ...sample.RECORD.spec, fields: [] } }],
  [
    'lockfile',
    'a field without a column',
    { ...sample.RECORD, spec: { ...sample.RECORD.spec, fields: [{ id: 'a', type: 'b' }] } },
  ],
  ['events', 'no number', { ...sample.END, seq: undefined }],
  ['events', 'a local time', { ...sample.END, at: '2026-11-23 10:41' }],
  ['events', 'an end without an exit code', { ...sample.END, exitCode: undefined }],
  ['events', 'an end with half of the counts', { ...sample.END, skipped: undefined }],
  ['events', 'a failure without its reason', { ...sample.FAILED_EVENT, error: undefined }],
  ['events', 'a problem without a code', { ...sample.PROBLEM_EVENT, code: undefined }],
  ['events', 'a wait without a reason', { ...sample.WAITING_EVENT, reason: undefined }],
])('the %s schema', (name, what, value) => {
  test(`rejects ${what}`, () => {
    expect(complaints(name, JSON.parse(JSON.stringify(value)))).not.toEqual([]);
  });
});

function planWith(action: object): object {
  return { ...sample.PLAN, actions: [action] };
}

function applyWith(outcome: object): object {
  return { ...sample.APPLY, outcomes: [outcome] };
}
