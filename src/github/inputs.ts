import { isChecksum } from '../core/sha256.ts';
import { Failure } from '../core/diagnostic.ts';
import { parseMaxDeletes, type MaxDeletes } from '../core/max-deletes.ts';

export const COMMANDS = ['plan', 'apply', 'drift', 'validate'] as const;
export type ActionCommand = (typeof COMMANDS)[number];

/** The inputs of action.yml. Undefined means that the input is empty, so connsync.yaml or the default applies. */
export interface ActionInputs {
  readonly command: ActionCommand;
  readonly workingDirectory: string;
  readonly dir: readonly string[] | undefined;
  readonly lockfile: string | undefined;
  readonly site: string | undefined;
  readonly apiUrl: string | undefined;
  readonly live: 'auto' | 'required' | 'never';
  readonly concurrency: number | undefined;
  readonly prune: boolean | undefined;
  readonly adopt: boolean | undefined;
  readonly allowReplace: boolean | undefined;
  readonly allowEmpty: boolean | undefined;
  readonly maxDeletes: MaxDeletes | undefined;
  readonly onDrift: 'revert' | 'keep' | 'refuse' | undefined;
  readonly checksum: string | undefined;
  readonly planPath: string | undefined;
  readonly comment: 'never' | 'changes-only' | 'always';
  readonly commentId: string;
  readonly summary: boolean;
  readonly annotations: boolean;
  readonly commit: 'auto' | 'api' | 'git' | 'none';
  readonly commitBranch: string | undefined;
  readonly commitMessage: string | undefined;
  readonly failOnChanges: boolean;
  readonly driftIssue: boolean;
  readonly token: string | undefined;
}

/** Reads every input once, trimmed. Throws `Failure('usage')` for the first invalid one. */
export function readInputs(get: (name: string) => string): ActionInputs {
  const text = (name: string): string | undefined => {
    const given = get(name).trim();
    return given === '' ? undefined : given;
  };
  const parsed = <T>(name: string, parse: (given: string) => T | undefined, hint: string): T | undefined => {
    const given = text(name);
    if (given === undefined) return undefined;
    const value = parse(given);
    if (value === undefined) throw off(name, given, hint);
    return value;
  };
  const flag = (name: string): boolean | undefined => parsed(name, booleanOf, 'write true or false');
  const oneOf = <T extends string>(name: string, choices: readonly T[]): T | undefined =>
    parsed(name, (given) => choices.find((choice) => choice === given), `use one of ${choices.join(', ')}`);
  return {
    command: oneOf('command', COMMANDS) ?? 'plan',
    workingDirectory: text('working-directory') ?? '.',
    dir: parsed('connections-path', linesOf, 'write one folder per line'),
    lockfile: text('lockfile'),
    site: text('site'),
    apiUrl: text('api-url'),
    live: oneOf('live', ['auto', 'required', 'never']) ?? 'auto',
    concurrency: parsed('concurrency', wholeNumberOf, 'write a whole number from 1'),
    prune: flag('prune'),
    adopt: flag('adopt'),
    allowReplace: flag('allow-replace'),
    allowEmpty: flag('allow-empty'),
    maxDeletes: parsed('max-deletes', parseMaxDeletes, 'write a whole number or a percentage, such as 5 or 30%'),
    onDrift: oneOf('on-drift', ['revert', 'keep', 'refuse']),
    checksum: parsed('checksum', checksumOf, 'use the output checksum of a plan step: sha256: and 64 hex digits'),
    planPath: text('plan-path'),
    comment: oneOf('comment', ['never', 'changes-only', 'always']) ?? 'changes-only',
    commentId: parsed('comment-id', commentIdOf, 'use letters, digits, dots, dashes and underscores') ?? 'default',
    summary: flag('summary') ?? true,
    annotations: flag('annotations') ?? true,
    commit: oneOf('commit', ['auto', 'api', 'git', 'none']) ?? 'auto',
    commitBranch: parsed('commit-branch', branchOf, 'use a branch name, such as main'),
    commitMessage: text('commit-message'),
    failOnChanges: flag('fail-on-changes') ?? false,
    driftIssue: flag('drift-issue') ?? false,
    token: text('github-token'),
  };
}

function off(name: string, given: string, hint: string): Failure {
  return new Failure('usage', `the input ${name} is ${JSON.stringify(given)}`, { hint });
}

function booleanOf(given: string): boolean | undefined {
  return given === 'true' ? true : given === 'false' ? false : undefined;
}

function linesOf(given: string): readonly string[] {
  return given
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function wholeNumberOf(given: string): number | undefined {
  return /^[1-9]\d{0,5}$/.test(given) ? Number(given) : undefined;
}

function checksumOf(given: string): string | undefined {
  return isChecksum(given) ? given : undefined;
}

function commentIdOf(given: string): string | undefined {
  return /^[\w.-]{1,64}$/.test(given) ? given : undefined;
}

/** Returns the branch name, or undefined if Git could read it as an option or a range. */
function branchOf(given: string): string | undefined {
  return /^(?![-/.])[\w./-]{1,200}$/.test(given) && !/\.\.|\/\/|@\{|\.lock$|[/.]$/.test(given) ? given : undefined;
}
