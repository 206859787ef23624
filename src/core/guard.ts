import type { DesiredConnection, Key } from './connection.ts';
import type { MaxDeletes } from './max-deletes.ts';
import type { Action, Plan, Refusal } from './plan.ts';
import type { OnDrift } from './transition.ts';

/**
 * The limits of an apply, as set by the flags `--max-deletes`, `--allow-empty`, `--allow-replace`, `--adopt` and
 * `--on-drift`.
 */
export interface GuardOptions {
  readonly maxDeletes: MaxDeletes;
  readonly allowEmpty: boolean;
  readonly allowReplace: boolean;
  readonly adopt: boolean;
  readonly onDrift: OnDrift;
}

/** The values that the guards check. */
export interface Guarded {
  readonly plan: Pick<Plan, 'actions'>;
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  /** The recorded connections by key, and whether each is protected. */
  readonly recorded: ReadonlyMap<Key, { readonly protect?: boolean }>;
  /** Manifest folders that do not exist. */
  readonly missing: readonly string[];
  /** The manifest folders and the number of manifests in them, for the hint that `--dir` may be wrong. */
  readonly folders: readonly string[];
  readonly manifests: number;
}

/**
 * Returns all reasons to refuse an apply. connsync still shows the whole plan if it is refused.
 *
 * | code              | refuses                                                   | allowed by                           |
 * | ----------------- | --------------------------------------------------------- | ------------------------------------ |
 * | missing-folder    | a manifest folder that does not exist                     | creating it or choosing another one  |
 * | no-manifests      | no manifests at all, if the lockfile records connections  | --allow-empty                        |
 * | delete-limit      | more deletes and replaces than --max-deletes              | --max-deletes                        |
 * | takeover          | changing a live connection that connsync doesn't manage   | --adopt                              |
 * | protected-replace | replacing a connection that manifest or lockfile protects | removing protect, in its own apply   |
 * | replace           | deleting and creating a connection again                  | --allow-replace, allow: [replace]    |
 * | drift-refused     | reverting drift with on_drift: refuse                     | --on-drift revert or keep            |
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
      message: `${folders} does not exist; connsync does not treat a missing folder as empty`,
      hint: 'check --dir, or create the folder',
      keys: [],
    },
  ];
}

function emptySet({ desired, recorded, folders, missing }: Guarded, { allowEmpty }: GuardOptions): readonly Refusal[] {
  if (allowEmpty || desired.size > 0 || recorded.size === 0 || missing.length > 0) return [];
  const message = `found no manifests in ${folderNames(folders)}, but the lockfile records ${count(recorded.size, 'connection')}`;
  return [
    {
      code: 'no-manifests',
      message,
      hint: 'check --dir, or use --allow-empty to delete everything',
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
  const displayedLimit = 'count' in maxDeletes ? `${limit}` : `${maxDeletes.percent} %, here ${limit}`;
  const hint = `check --dir: connsync found ${manifests === 1 ? '1 manifest' : `${manifests} manifests`} in ${folderNames(folders)}. Allow the deletes with --max-deletes ${keys.length}`;
  return [
    {
      code: 'delete-limit',
      message: `refusing to destroy ${keys.length} of ${count(recorded.size, 'connection')} (limit: ${displayedLimit})`,
      hint,
      keys,
    },
  ];
}

function takeovers({ plan }: Guarded, { adopt }: GuardOptions): readonly Refusal[] {
  const keys = adopt ? [] : keysOf(plan, (action) => 'takeover' in action);
  if (keys.length === 0) return [];
  const message = `${keyNames(keys)} ${keys.length === 1 ? 'exists' : 'exist'} in Datadog with different values and ${keys.length === 1 ? 'is' : 'are'} not in the lockfile`;
  return [
    {
      code: 'takeover',
      message,
      hint: 'use --adopt to apply the manifest, or connsync import to take over the live values',
      keys,
    },
  ];
}

function replaces({ plan, desired, recorded }: Guarded, { allowReplace }: GuardOptions): readonly Refusal[] {
  const all = keysOf(plan, ({ kind }) => kind === 'replace');
  const isProtected = (key: Key): boolean => desired.get(key)?.protect === true || recorded.get(key)?.protect === true;
  const protectedKeys = all.filter(isProtected);
  const keys = all.filter((key) => !isProtected(key) && !allowReplace && desired.get(key)?.allowReplace !== true);
  return [
    ...(protectedKeys.length === 0
      ? []
      : [
          {
            code: 'protected-replace' as const,
            message: `${keyNames(protectedKeys)} would be replaced but ${protectedKeys.length === 1 ? 'is' : 'are'} protected`,
            hint: 'remove protect from the manifest and apply that change first',
            keys: protectedKeys,
          },
        ]),
    ...(keys.length === 0
      ? []
      : [
          {
            code: 'replace' as const,
            message: `${keyNames(keys)} would be replaced`,
            hint: 'allow it with --allow-replace, or add allow: [replace] to the manifest',
            keys,
          },
        ]),
  ];
}

function driftRefused({ plan }: Guarded, { onDrift }: GuardOptions): readonly Refusal[] {
  const keys = onDrift === 'refuse' ? keysOf(plan, ({ drifted }) => drifted) : [];
  if (keys.length === 0) return [];
  const message = `${keyNames(keys)} ${keys.length === 1 ? 'was' : 'were'} changed outside Git, and on_drift is refuse`;
  return [
    {
      code: 'drift-refused',
      message,
      hint: 'run connsync drift, then undo the changes with --on-drift revert or keep them with --on-drift keep',
      keys,
    },
  ];
}

function keysOf({ actions }: Pick<Plan, 'actions'>, matches: (action: Action) => boolean): readonly Key[] {
  return actions.filter(matches).map(({ key }) => key);
}

/** Returns up to five keys as text, and the number of further keys. */
function keyNames(keys: readonly Key[]): string {
  const more = keys.length - 5;
  return more > 0 ? `${keys.slice(0, 5).join(', ')} and ${more} more` : keys.join(', ');
}

function folderNames(folders: readonly string[]): string {
  return folders.map((folder) => `${folder}/`).join(', ');
}

function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}
