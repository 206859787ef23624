import type { DesiredConnection, Key } from './connection.ts';
import type { MaxDeletes } from './max-deletes.ts';
import type { Action, Plan, Refusal } from './plan.ts';
import type { OnDrift } from './transition.ts';

/** What an apply may do, as the flags `--max-deletes`, `--allow-empty`, `--allow-replace`, `--adopt` and `--on-drift` say it. */
export interface GuardOptions {
  readonly maxDeletes: MaxDeletes;
  readonly allowEmpty: boolean;
  readonly allowReplace: boolean;
  readonly adopt: boolean;
  readonly onDrift: OnDrift;
}

/** What the guards look at. */
export interface Guarded {
  readonly plan: Pick<Plan, 'actions'>;
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  /** Keys of what is recorded as protected, and how many are recorded at all. */
  readonly recorded: ReadonlyMap<Key, { readonly protect?: boolean }>;
  /** Manifest folders that do not exist. */
  readonly missing: readonly string[];
  /** Where manifests were looked for and how many files there were, for the likeliest mistake. */
  readonly folders: readonly string[];
  readonly manifests: number;
}

/**
 * What holds an apply back, whole. A plan with refusals is still a plan; nothing of it is hidden.
 *
 * | code              | refuses                                               | allowed by                        |
 * | ----------------- | ----------------------------------------------------- | --------------------------------- |
 * | missing-folder         | a manifest folder that does not exist                 | nothing: make it, or name another |
 * | no-manifests         | no manifest at all, where something is recorded       | --allow-empty                     |
 * | delete-limit      | more deletes and replaces than --max-deletes          | --max-deletes                     |
 * | takeover          | changing a connection that is live but not ours       | --adopt                           |
 * | protected-replace | replacing what is protected, here or in the lockfile  | removing protect, in its own apply |
 * | replace           | deleting and creating again                           | --allow-replace, allow: [replace] |
 * | drift-refused     | setting drift back under on_drift: refuse             | --on-drift revert or keep         |
 */
export function guard(guarded: Guarded, options: GuardOptions): readonly Refusal[] {
  return [
    ...missingFolders(guarded),
    ...emptySet(guarded, options),
    ...deleteLimit(guarded, options),
    ...takeovers(guarded, options),
    ...replaces(guarded, options),
    ...driftRefused(guarded, options),
  ];
}

function missingFolders({ missing }: Guarded): readonly Refusal[] {
  if (missing.length === 0) return [];
  const folders = missing.map((folder) => `${folder}/`).join(', ');
  return [
    {
      code: 'missing-folder',
      message: `${folders} does not exist, which is not the same as empty`,
      hint: 'is --dir right?',
      keys: [],
    },
  ];
}

function emptySet({ desired, recorded, folders, missing }: Guarded, { allowEmpty }: GuardOptions): readonly Refusal[] {
  if (allowEmpty || desired.size > 0 || recorded.size === 0 || missing.length > 0) return [];
  const message = `no manifest is left in ${named(folders)}, but ${count(recorded.size, 'connection')} recorded`;
  return [
    {
      code: 'no-manifests',
      message,
      hint: 'is --dir right? If everything is meant to go, use --allow-empty',
      keys: [...recorded.keys()].sort(),
    },
  ];
}

function deleteLimit(
  { plan, recorded, folders, manifests }: Guarded,
  { maxDeletes }: GuardOptions,
): readonly Refusal[] {
  const keys = keysOf(plan, ({ kind }) => kind === 'delete' || kind === 'replace');
  const limit =
    'count' in maxDeletes ? maxDeletes.count : Math.max(1, Math.floor((recorded.size * maxDeletes.percent) / 100));
  if (keys.length <= limit) return [];
  const shown = 'count' in maxDeletes ? `${limit}` : `${maxDeletes.percent} %, here ${limit}`;
  const hint = `is --dir right? ${named(folders)} held ${manifests === 1 ? '1 manifest' : `${manifests} manifests`}. Override with --max-deletes ${keys.length}`;
  return [
    {
      code: 'delete-limit',
      message: `refusing to destroy ${keys.length} of ${count(recorded.size, 'connection', false)} (limit: ${shown})`,
      hint,
      keys,
    },
  ];
}

function takeovers({ plan }: Guarded, { adopt }: GuardOptions): readonly Refusal[] {
  const keys = adopt ? [] : keysOf(plan, (action) => 'takeover' in action);
  if (keys.length === 0) return [];
  const message = `${list(keys)} ${keys.length === 1 ? 'exists' : 'exist'} in Datadog with other contents, and ${keys.length === 1 ? 'is' : 'are'} not in the lockfile`;
  return [
    {
      code: 'takeover',
      message,
      hint: 'let the manifests win with --adopt, or take over what is live with connsync import',
      keys,
    },
  ];
}

function replaces({ plan, desired, recorded }: Guarded, { allowReplace }: GuardOptions): readonly Refusal[] {
  const all = keysOf(plan, ({ kind }) => kind === 'replace');
  const isProtected = (key: Key): boolean => desired.get(key)?.protect === true || recorded.get(key)?.protect === true;
  const locked = all.filter(isProtected);
  const keys = all.filter((key) => !isProtected(key) && !allowReplace && desired.get(key)?.allowReplace !== true);
  return [
    ...(locked.length === 0
      ? []
      : [
          {
            code: 'protected-replace' as const,
            message: `${list(locked)} would be replaced, and ${locked.length === 1 ? 'is' : 'are'} protected`,
            hint: 'remove protect from the manifest and apply that first',
            keys: locked,
          },
        ]),
    ...(keys.length === 0
      ? []
      : [
          {
            code: 'replace' as const,
            message: `${list(keys)} would be replaced`,
            hint: 'allow it with --allow-replace, or allow: [replace] in the manifest',
            keys,
          },
        ]),
  ];
}

function driftRefused({ plan }: Guarded, { onDrift }: GuardOptions): readonly Refusal[] {
  const keys = onDrift === 'refuse' ? keysOf(plan, ({ drifted }) => drifted) : [];
  if (keys.length === 0) return [];
  const message = `${list(keys)} ${keys.length === 1 ? 'was' : 'were'} changed outside Git, and on_drift is refuse`;
  return [
    {
      code: 'drift-refused',
      message,
      hint: 'see connsync drift, then set it back with --on-drift revert or leave it with --on-drift keep',
      keys,
    },
  ];
}

function keysOf({ actions }: Pick<Plan, 'actions'>, wanted: (action: Action) => boolean): readonly Key[] {
  return actions.filter(wanted).map(({ key }) => key);
}

/** Up to five keys by name, the rest as a number. */
function list(keys: readonly Key[]): string {
  const more = keys.length - 5;
  return more > 0 ? `${keys.slice(0, 5).join(', ')} and ${more} more` : keys.join(', ');
}

function named(folders: readonly string[]): string {
  return folders.map((folder) => `${folder}/`).join(', ');
}

function count(number: number, noun: string, verb = true): string {
  return number === 1 ? `1 ${noun}${verb ? ' is' : ''}` : `${number} ${noun}s${verb ? ' are' : ''}`;
}
