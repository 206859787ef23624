import { compact } from '../core/compact.ts';
import type { ErrorObject } from 'ajv';
import type { Problem } from '../core/diagnostic.ts';
import type { Subject } from './document.ts';
import { quoted, type Finding } from './finding.ts';
import type { OutlineNode } from './outline.ts';
import type { SettingsFile } from './settings.gen.ts';
import { loadSingle } from './single.ts';
import { didYouMean } from './suggest.ts';
import { checkSettings, SETTINGS_NAMES } from './validators.gen.ts';
import { parseMaxDeletes, type MaxDeletes } from '../core/max-deletes.ts';

/** The contents of `connsync.yaml`. Settings that it lacks are undefined. Paths are as written in the file. */
export interface Settings {
  readonly site?: NonNullable<SettingsFile['site']>;
  readonly manifests?: readonly string[];
  readonly lockfile?: string;
  readonly prune?: boolean;
  readonly onDrift?: NonNullable<SettingsFile['on_drift']>;
  readonly maxDeletes?: MaxDeletes;
  /** Maximum number of concurrent requests, an integer of at least 1. */
  readonly concurrency?: number;
}

/** Parses `connsync.yaml`. Returns no settings if there is an error. Never throws. */
export function loadSettings(
  text: string,
  file: string,
): { readonly settings?: Settings; readonly problems: readonly Problem[] } {
  const { value, problems } = loadSingle({ text, file }, SETTINGS, MESSAGES);
  return { ...(value === undefined ? {} : { settings: toSettings(value) }), problems };
}

const MESSAGES = {
  several: 'a settings file must contain one document',
  severalHint: 'delete this document, or move it into the first one',
  empty: 'the settings file is empty',
  emptyHint: 'write version: 1, or delete the file',
};

const SETTINGS: Subject<SettingsFile> = {
  whole: 'the settings',
  names: SETTINGS_NAMES,
  check: checkSettings,
  rule: settingRule,
  rules: () => [],
};

// Returns the finding for a wrong site or a wrong limit. These errors get their own messages, because such values are
// often pasted from elsewhere.
function settingRule(
  { keyword, instancePath: pointer, params }: ErrorObject,
  node: OutlineNode | undefined,
): Finding | undefined {
  const value = node?.text ?? '';
  if (pointer === '/site' && keyword === 'enum') {
    const sites = (params as { readonly allowedValues: readonly string[] }).allowedValues;
    const message = `${quoted(value)} is not a Datadog site`;
    const hint = didYouMean(value, sites, `use one of ${sites.join(', ')}`);
    return { code: 'bad-site', message, hint, pointer, at: 'value' };
  }
  if (pointer === '/max_deletes' && keyword !== 'type') {
    const message = `max_deletes must be a percentage or a number, not ${quoted(value)}`;
    return { code: 'bad-value', message, hint: 'write 30% or 5', pointer, at: 'value' };
  }
  return undefined;
}

function toSettings(file: SettingsFile): Settings {
  const maxDeletes = file.max_deletes === undefined ? undefined : parseMaxDeletes(String(file.max_deletes));
  return {
    ...compact({
      site: file.site,
      manifests: file.manifests,
      lockfile: file.lockfile,
      prune: file.prune,
      onDrift: file.on_drift,
      maxDeletes,
      concurrency: file.concurrency,
    }),
  };
}
