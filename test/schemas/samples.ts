// Small, complete documents as the README promises them. The schemas must accept them, and reject them after one
// change.

const DIGEST = 'a'.repeat(64);

const FIELD = { id: 'plan', source_name: 'plan_code', type: 'string' };

export const CHANGE = { path: 'fields[plan].display_name', from: 'Plan', to: 'Subscription plan', cause: 'git' };

export const UPDATE = {
  kind: 'update',
  key: 'users/billing',
  file: 'connections/users/billing.yaml',
  line: 2,
  digest: DIGEST,
  changes: [CHANGE, { path: 'fields[seats]', to: FIELD, cause: 'drift' }],
  drifted: true,
};

export const REPLACE = {
  ...UPDATE,
  kind: 'replace',
  changes: [{ path: 'join_attribute', from: 'a', to: 'b', cause: 'git' }],
  reasons: ['join_attribute'],
  attributes: ['@plan'],
  takeover: true,
  runsAfter: ['users/other'],
  owner: 'team-growth',
};

export const CREATE = { kind: 'create', key: 'users/crm', digest: DIGEST, changes: [], drifted: false };

export const SUMMARY = {
  create: 1,
  update: 1,
  replace: 1,
  delete: 0,
  adopt: 0,
  forget: 0,
  unchanged: 7,
  unmanaged: 0,
  orphaned: 0,
  drifted: 0,
};

export const REFUSAL = { code: 'takeover', message: 'it exists', hint: 'use --adopt', keys: ['users/crm'] };

export const PROBLEM = {
  code: 'unknown-property',
  severity: 'error',
  message: '"join_atribute" is not allowed here',
  hint: 'did you mean "join_attribute"?',
  file: 'connections/users/crm.yaml',
  line: 10,
  column: 1,
  endLine: 10,
  endColumn: 14,
};

export const PLAN = {
  formatVersion: '1.0',
  target: { environment: 'default', site: 'datadoghq.com', org: '8dee7c38-00cb-11ea-a77b-8b5a08d3b091' },
  compared: ['lockfile', 'live'],
  actions: [CREATE, UPDATE, REPLACE],
  summary: SUMMARY,
  checksum: `sha256:${DIGEST}`,
  refusals: [REFUSAL],
  problems: [PROBLEM],
};

export const REVIEWED = {
  ...PLAN,
  inputs: { manifests: `sha256:${DIGEST}`, lockfile: `sha256:${DIGEST}` },
  options: {
    target: ['users/*'],
    exclude: [],
    prune: true,
    adopt: false,
    onDrift: 'revert',
    maxDeletes: '30%',
    allowEmpty: false,
    allowReplace: false,
  },
};

export const ERROR = {
  status: 400,
  method: 'POST',
  path: '/api/v2/product-analytics/users/mapping/connection',
  requestId: 'r-1',
  message: '400 Bad Request',
};

export const FAILED = { kind: 'create', key: 'users/crm', status: 'failed', attempts: 1, ms: 12, error: ERROR };

export const APPLIED = { kind: 'adopt', key: 'users/old', status: 'applied', attempts: 0, ms: 0 };

export const APPLY = { ...PLAN, outcomes: [APPLIED, FAILED], applied: 1, failed: 1, skipped: 0 };

export const VALIDATE = { formatVersion: '1.0', manifests: 3, connections: 4, problems: [PROBLEM] };

export const HEADER = { lockfileVersion: 1, site: 'datadoghq.eu', manifests: ['connections'] };

export const RECORD = {
  key: 'users/crm',
  protect: true,
  spec: { fields: [FIELD], join_attribute: 'user_email', join_type: 'email', type: 'ref_table' },
  sha: '9f2c61d0a3b47e58',
};

const COMMON = { run: 'r', seq: 1, at: '2026-11-23T10:41:07.123Z' };

export const START = {
  type: 'start',
  ...COMMON,
  formatVersion: '1.0',
  version: '0.1.0',
  command: 'plan',
  target: { environment: 'default', site: 'local' },
  compared: ['lockfile'],
};

export const FAILED_EVENT = {
  type: 'failed',
  ...COMMON,
  kind: 'create',
  key: 'users/crm',
  ms: 3,
  attempts: 1,
  retries: 0,
  error: ERROR,
};

export const END = { type: 'end', ...COMMON, exitCode: 4, summary: SUMMARY, applied: 1, failed: 1, skipped: 0 };

export const PROBLEM_EVENT = { type: 'problem', ...COMMON, ...PROBLEM };

export const CHANGED_EVENT = { type: 'files-changed', ...COMMON, files: ['connections/users/crm.yaml'] };

export const WAITING_EVENT = { type: 'waiting', ...COMMON, reason: 'rate limit', ms: 6000 };

export const LATER_EVENT = { type: 'said-by-a-later-version', ...COMMON, anything: [1] };
