import type { MaxDeletes } from '../core/max-deletes.ts';

/** Formats that every command supports. */
export const GENERAL_FORMATS = ['human', 'json', 'ndjson'] as const;
/** Further formats by command, for pull requests and other tools. */
export const FURTHER_FORMATS = {
  validate: ['markdown', 'github', 'sarif'],
  plan: ['markdown', 'github', 'curl'],
  apply: ['markdown', 'github'],
  drift: ['markdown', 'github'],
} as const;

export type Format = (typeof GENERAL_FORMATS)[number] | (typeof FURTHER_FORMATS)[keyof typeof FURTHER_FORMATS][number];

/** Defaults of flags. Times are in milliseconds. */
export const DEFAULTS = {
  folder: 'connections',
  lockfile: 'connections.lock',
  site: 'datadoghq.com',
  maxFiles: 200_000,
  timeout: 30_000,
  maxRetries: 5,
  concurrency: 4,
  lockTimeout: 0,
  interval: 300_000,
} as const;

export interface OutputFlags {
  readonly format: Format;
  readonly color: 'auto' | 'always' | 'never';
  readonly quiet?: true;
  readonly verbose?: true;
}

/** Flags of every command that reads manifests or the lockfile. */
export interface CommonFlags extends OutputFlags {
  readonly dir?: readonly string[];
  readonly lockfile?: string;
  /** Maximum number of manifests. */
  readonly maxFiles: number;
}

/** Flags of every command that talks to Datadog. */
export interface DatadogFlags {
  readonly site?: string;
  readonly apiUrl?: string;
  /** The timeout of one request, in milliseconds. */
  readonly timeout: number;
  readonly maxRetries: number;
  readonly trace?: string;
}

/** Flags that plan and apply share. */
export interface PlanningFlags extends CommonFlags, DatadogFlags {
  readonly live?: true;
  readonly offline?: true;
  readonly prune?: boolean;
  readonly adopt?: true;
  readonly onDrift?: 'revert' | 'keep' | 'refuse';
  readonly maxDeletes?: MaxDeletes;
  readonly allowEmpty?: true;
  readonly allowReplace?: true;
  readonly target?: readonly string[];
  readonly exclude?: readonly string[];
}

export interface PlanFlags extends PlanningFlags {
  readonly detailedExitcode?: true;
  readonly out?: string;
}

export interface ReportFlags extends PlanningFlags {
  readonly detailedExitcode?: true;
  readonly out: string;
}

export interface ApplyFlags extends PlanFlags {
  readonly dryRun?: true;
  readonly concurrency?: number;
  readonly yes?: true;
  /** How long to wait for another apply to release the lock, in milliseconds. */
  readonly lockTimeout: number;
  readonly plan?: string;
  readonly checksum?: string;
}

export interface WatchFlags extends PlanningFlags {
  /** Milliseconds between two drift checks. */
  readonly interval: number;
  readonly apply?: true;
  readonly yes?: true;
  readonly ui?: true;
  readonly port?: number;
}

/** Flags of commands that read manifests, lockfile and Datadog. */
export interface DriftFlags extends CommonFlags, DatadogFlags {
  readonly detailedExitcode?: true;
}

export interface ImportFlags extends CommonFlags, DatadogFlags {
  readonly all?: true;
  readonly entity?: string;
}

export interface FmtFlags extends CommonFlags {
  readonly check?: boolean;
}

export interface InitFlags extends OutputFlags, DatadogFlags {
  readonly dir?: string;
  readonly fromLive?: true;
  readonly example?: boolean;
  readonly workflows: boolean;
  readonly yes?: true;
}

export interface StateFlags extends CommonFlags {
  readonly site?: string;
}

/** The kinds of file that have a JSON Schema. */
export const SCHEMA_NAMES = ['connection', 'settings', 'faults'] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

export interface SchemaFlags extends OutputFlags {
  readonly write?: string;
}

export type AcceptFlags = Omit<ImportFlags, 'entity'>;
