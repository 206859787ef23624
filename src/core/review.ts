import { compact } from './compact.ts';
import { canonicalJson } from './canonical.ts';
import { sha256 } from './sha256.ts';
import { byCodeUnit, type DesiredConnection, type Key, type LiveConnection, type Spec } from './connection.ts';
import { Failure } from './diagnostic.ts';
import { parseMaxDeletes } from './max-deletes.ts';
import type { Plan, Refusal } from './plan.ts';
import type { Records } from './ports.ts';

/** Hashes of the inputs of a plan. connsync uses them only to report which input of a stale plan changed. */
export interface InputHashes {
  readonly manifests: string;
  readonly lockfile: string;
  /** Absent if the plan was made offline. */
  readonly live?: string;
}

/** The filters and settings of a plan, named like their flags. */
export interface PlanOptions {
  readonly target: readonly string[];
  readonly exclude: readonly string[];
  readonly prune: boolean;
  readonly adopt: boolean;
  readonly onDrift: 'revert' | 'keep' | 'refuse';
  readonly maxDeletes: string;
  readonly allowEmpty: boolean;
  readonly allowReplace: boolean;
}

/** The review that this apply must match: a whole plan in a file, or the checksum of a plan. */
export type Reviewed =
  | {
      readonly kind: 'plan';
      readonly file: string;
      readonly site: string;
      readonly org?: string;
      readonly digests: ReadonlySet<string>;
      readonly inputs: InputHashes;
      readonly options: PlanOptions;
    }
  | { readonly kind: 'checksum'; readonly checksum: string };

/**
 * Returns refusals for what was not reviewed: actions whose digest is not in the plan file, or a different checksum. A
 * plan without actions passes.
 */
export function staleRefusals(
  plan: Pick<Plan, 'actions' | 'checksum'>,
  reviewed: Reviewed | undefined,
  inputs: () => InputHashes,
): readonly Refusal[] {
  if (reviewed === undefined || plan.actions.length === 0) return [];
  if (reviewed.kind === 'checksum') {
    if (reviewed.checksum === plan.checksum) return [];
    const message = `the plan now has the checksum ${plan.checksum}, but ${reviewed.checksum} was reviewed`;
    return [
      {
        code: 'stale-plan',
        message,
        hint: 'run connsync plan again, review it and pass its checksum',
        keys: plan.actions.map(({ key }) => key),
      },
    ];
  }
  const keys = plan.actions.filter(({ digest }) => !reviewed.digests.has(digest)).map(({ key }) => key);
  if (keys.length === 0) return [];
  const message = `${reviewed.file} is stale: ${keyNames(keys)} ${keys.length === 1 ? 'needs' : 'need'} changes that were not reviewed; ${changedInputs(reviewed.inputs, inputs())}`;
  return [{ code: 'stale-plan', message, hint: `run connsync plan --out ${reviewed.file} again`, keys }];
}

/** Returns hashes of the manifests, the lockfile's records and the live connections of one run. */
export function hashInputs(
  desired: ReadonlyMap<Key, DesiredConnection>,
  records: Records,
  live: ReadonlyMap<Key, LiveConnection> | undefined,
): InputHashes {
  return {
    manifests: hashOf(desired),
    lockfile: hashOf(records),
    ...(live === undefined ? {} : { live: hashOf(live) }),
  };
}

function hashOf(side: ReadonlyMap<Key, { readonly spec: Spec }>): string {
  const keys = [...side.keys()].sort(byCodeUnit);
  return `sha256:${sha256(keys.map((key) => `${key} ${sha256(canonicalJson(side.get(key)?.spec))}`).join('\n'))}`;
}

/** Parses the document of `plan --out`. Throws a `Failure('bad-plan-file')` if the text is anything else. */
export function parsePlanFile(text: string, file: string): Reviewed & { readonly kind: 'plan' } {
  const document = parsed(text, file);
  const { formatVersion, target, actions, checksum, inputs, options } = document;
  if (typeof formatVersion !== 'string' || !formatVersion.startsWith('1.'))
    throw badPlanFile(file, 'its formatVersion is missing or not supported');
  if (typeof checksum !== 'string') throw badPlanFile(file, 'planning failed, so it contains nothing to apply');
  const site = isObject(target) ? target['site'] : undefined;
  if (typeof site !== 'string' || !Array.isArray(actions) || !isInputs(inputs) || !isOptions(options))
    throw badPlanFile(file, 'a member is missing or has the wrong type');
  const digests = actions.map((action: unknown) => (isObject(action) ? action['digest'] : undefined));
  if (!isTexts(digests)) throw badPlanFile(file, 'an action has no digest');
  const org = isObject(target) ? target['org'] : undefined;
  return {
    kind: 'plan',
    file,
    site,
    ...(typeof org === 'string' ? { org } : {}),
    digests: new Set(digests),
    inputs,
    options,
  };
}

function parsed(text: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const document: unknown = JSON.parse(text);
    if (isObject(document)) return document;
  } catch (cause) {
    throw badPlanFile(file, 'it is not JSON', cause);
  }
  throw badPlanFile(file, 'it is not an object');
}

function badPlanFile(file: string, why: string, cause?: unknown): Failure {
  return new Failure('bad-plan-file', `${file} is not a plan: ${why}`, {
    place: { file },
    hint: 'create one with connsync plan --out plan.json',
    ...compact({ cause }),
  });
}

function changedInputs(before: InputHashes, now: InputHashes): string {
  const names = [
    ...(before.manifests === now.manifests ? [] : ['the manifests']),
    ...(before.lockfile === now.lockfile ? [] : ['the lockfile']),
    ...(before.live === now.live
      ? []
      : [before.live === undefined ? 'the mode (the plan was made offline, this run is live)' : 'Datadog']),
  ];
  if (names.length === 0) return 'the manifests, the lockfile and Datadog are unchanged, so a flag changed';
  return `changed since then: ${names.join(', ')}`;
}

function keyNames(keys: readonly Key[]): string {
  return keys.length > 5 ? `${keys.slice(0, 5).join(', ')} and ${keys.length - 5} more` : keys.join(', ');
}

function isInputs(value: unknown): value is InputHashes {
  if (!isObject(value)) return false;
  const { manifests, lockfile, live } = value;
  return (
    typeof manifests === 'string' && typeof lockfile === 'string' && (live === undefined || typeof live === 'string')
  );
}

function isOptions(value: unknown): value is PlanOptions {
  if (!isObject(value)) return false;
  const { target, exclude, prune, adopt, onDrift, maxDeletes, allowEmpty, allowReplace } = value;
  const flags = [prune, adopt, allowEmpty, allowReplace].every((flag) => typeof flag === 'boolean');
  const drift = onDrift === 'revert' || onDrift === 'keep' || onDrift === 'refuse';
  return (
    isTexts(target) &&
    isTexts(exclude) &&
    ![...target, ...exclude].includes('') &&
    flags &&
    drift &&
    typeof maxDeletes === 'string' &&
    parseMaxDeletes(maxDeletes) !== undefined
  );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
