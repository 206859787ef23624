import { InvalidArgumentError, Option, type Command } from 'commander';
import { isChecksum } from '../core/sha256.ts';
import { parseMaxDeletes, type MaxDeletes } from '../core/max-deletes.ts';
import { DEFAULTS, FURTHER_FORMATS, GENERAL_FORMATS, type Format } from '../session/flags.ts';

export function addCommonFlags(command: Command): Command {
  return addOutputFlags(command)
    .addOption(
      grouped('Manifests:', '--dir <folder>', 'folder of manifests; repeatable (default: connections)').argParser(
        collected,
      ),
    )
    .addOption(grouped('Manifests:', '--lockfile <file>', 'lockfile (default: connections.lock)'))
    .addOption(
      grouped('Manifests:', '--max-files <n>', 'maximum number of manifests')
        .argParser(wholeNumber(1))
        .default(DEFAULTS.maxFiles),
    );
}

export function addOutputFlags(command: Command): Command {
  return command
    .addOption(
      grouped('Output:', '--format <format>', 'output format').choices(formatsOf(command.name())).default('human'),
    )
    .addOption(
      grouped('Output:', '--color <when>', 'colors in human output')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .addOption(grouped('Output:', '-q, --quiet', 'print only the result and errors'))
    .addOption(grouped('Output:', '-v, --verbose', 'print stack traces and causes of errors'));
}

function formatsOf(command: string): readonly Format[] {
  // `watch` doesn't support the other formats, because they print one document at the end of a run.
  if (command === 'watch') return ['human', 'ndjson'];
  const further: Readonly<Record<string, readonly Format[]>> = FURTHER_FORMATS;
  return [...GENERAL_FORMATS, ...(further[command] ?? [])];
}

export function addDatadogFlags(command: Command): Command {
  return command
    .addOption(grouped('Datadog:', '--site <site>', 'Datadog site, or local for the embedded emulator'))
    .addOption(grouped('Datadog:', '--api-url <url>', 'API base URL (https, or http on loopback)'))
    .addOption(
      grouped('Datadog:', '--timeout <time>', 'timeout of each request, for example 30s or 500ms')
        .argParser(parseDuration)
        .default(DEFAULTS.timeout, '30s'),
    )
    .addOption(
      grouped('Datadog:', '--max-retries <n>', 'maximum number of retries for a request')
        .argParser(wholeNumber(0))
        .default(DEFAULTS.maxRetries),
    )
    .addOption(grouped('Datadog:', '--trace <file>', 'append every request and response to a file, without keys'));
}

export function addPlanningFlags(command: Command): Command {
  return command
    .addOption(grouped('Comparison:', '--live', 'compare with Datadog; fail without credentials'))
    .addOption(grouped('Comparison:', '--offline', 'compare only with the lockfile, even if keys are set'))
    .addOption(
      grouped('Comparison:', '--on-drift <what>', 'how to handle changes made outside Git (default: revert)').choices([
        'revert',
        'keep',
        'refuse',
      ]),
    )
    .addOption(grouped('Comparison:', '--prune', 'delete managed connections that have no manifest'))
    .addOption(grouped('Comparison:', '--no-prune', 'only report them, even if connsync.yaml says prune'))
    .addOption(
      grouped('Filters:', '--target <glob>', 'only matching keys, for example users/*; repeatable').argParser(globs),
    )
    .addOption(grouped('Filters:', '--exclude <glob>', 'skip matching keys; repeatable').argParser(globs))
    .addOption(grouped('Guards:', '--adopt', 'take over live connections that are not in the lockfile'))
    .addOption(
      grouped(
        'Guards:',
        '--allow-replace',
        "allow deleting and creating a connection again if Datadog can't update it",
      ),
    )
    .addOption(grouped('Guards:', '--allow-empty', 'allow applying an empty set of manifests'))
    .addOption(
      grouped(
        'Guards:',
        '--max-deletes <n>',
        'maximum number of connections to destroy, as 5 or 30% (default: 30%)',
      ).argParser(maxDeletes),
    );
}

export function addDetailedExitcode(command: Command): Command {
  return command.addOption(grouped('Output:', '--detailed-exitcode', 'exit 2 if there are changes'));
}

export function addApplyFlags(command: Command): Command {
  return command
    .addOption(grouped('Apply:', '--dry-run', 'show the plan only, exactly as connsync plan does'))
    .addOption(
      grouped('Apply:', '--concurrency <n>', 'maximum number of actions in flight (default: 4)').argParser(
        wholeNumber(1),
      ),
    )
    .addOption(grouped('Apply:', '--plan <file>', 'apply only the changes in a saved plan, without confirmation'))
    .addOption(
      grouped('Apply:', '--checksum <sha>', 'apply only if the current plan has this checksum').argParser(
        parseChecksum,
      ),
    )
    .addOption(grouped('Apply:', '-y, --yes', 'skip the confirmation prompt'))
    .addOption(
      grouped('Apply:', '--lock-timeout <time>', 'maximum wait for another apply to end')
        .argParser(parseDuration)
        .default(DEFAULTS.lockTimeout, '0s'),
    );
}

export function addWatchFlags(command: Command): Command {
  return command
    .addOption(
      grouped('Watch:', '--interval <time>', 'how often to check for drift, plus or minus 10%')
        .argParser(atLeastASecond)
        .default(DEFAULTS.interval, '5m'),
    )
    .addOption(grouped('Watch:', '--apply', 'apply creates and updates after every save, but no deletes or replaces'))
    .addOption(grouped('Watch:', '-y, --yes', 'allow --apply without a terminal'))
    .addOption(grouped('Watch:', '--ui', 'serve a read-only status page on loopback'))
    .addOption(
      grouped('Watch:', '--port <n>', 'port of the status page (default: any free port)').argParser(portNumber),
    );
}

export function addInitFlags(command: Command): Command {
  return command
    .addOption(grouped('Init:', '--from-live', 'write a manifest for every live connection, as import --all does'))
    .addOption(grouped('Init:', '--dir <folder>', 'folder of manifests, inside this folder (default: connections)'))
    .addOption(grouped('Init:', '--example', 'write an example manifest, explained line by line'))
    .addOption(grouped('Init:', '--no-example', 'create an empty manifest folder'))
    .addOption(grouped('Init:', '--no-workflows', 'skip the GitHub workflows'))
    .addOption(grouped('Init:', '-y, --yes', 'skip the questions and use the defaults'));
}

export function addEmulatorFlags(command: Command): Command {
  return command
    .addOption(
      grouped('Emulator:', '--port <n>', 'port to listen on; 0 picks a free port').argParser(portNumber).default(0),
    )
    .addOption(grouped('Emulator:', '--data <folder>', 'keep the connections in a folder between runs'))
    .addOption(grouped('Emulator:', '--rate-limit <n/Ps>', 'respond with 429 above this rate, for example 20/1s'))
    .addOption(
      grouped('Emulator:', '--faults <file>', 'inject the faults of a YAML or JSON file; see docs/emulator.md'),
    )
    .addOption(grouped('Emulator:', '--log <file>', 'append every request and its effect to a file, as JSON Lines'));
}

function atLeastASecond(text: string): number {
  const ms = parseDuration(text);
  if (ms < 1_000) throw new InvalidArgumentError('It must be at least 1s.');
  return ms;
}

export function grouped(group: string, flags: string, description: string): Option {
  return new Option(flags, description).helpGroup(group);
}

function portNumber(text: string): number {
  const port = wholeNumber(0)(text);
  if (port > 65_535) throw new InvalidArgumentError('It must be at most 65535.');
  return port;
}

function parseChecksum(text: string): string {
  if (!isChecksum(text))
    throw new InvalidArgumentError(
      'It must be sha256: and 64 hex digits, as connsync plan prints it with --format json or markdown.',
    );
  return text;
}

/** Returns a function that parses whole numbers of at least `least`. */
function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || !Number.isSafeInteger(number))
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    return number;
  };
}

/**
 * Returns a duration such as `500ms`, `30s`, `2m` or `1h` in milliseconds. Throws an InvalidArgumentError for other
 * text.
 */
function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  if (number === undefined)
    throw new InvalidArgumentError('It must be a number with a unit, for example 500ms, 30s or 2m.');
  const factor = unit === 'ms' ? 1 : unit === 's' ? 1000 : unit === 'm' ? 60_000 : 3_600_000;
  const ms = Number(number) * factor;
  if (ms > MAX_TIMER) throw new InvalidArgumentError('It must be at most 24 days.');
  return ms;
}

/** The longest delay that a Node timer supports, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

function globs(glob: string, before: readonly string[] | undefined): readonly string[] {
  if (glob === '')
    throw new InvalidArgumentError('It must not be empty. To match every key of an entity, use users/*.');
  if ((glob.match(WILDCARDS) ?? []).length > MAX_WILDCARDS)
    throw new InvalidArgumentError(`It must have at most ${MAX_WILDCARDS} wildcards. Repeat the flag instead.`);
  return collected(glob, before);
}

// Matching a glob takes exponentially longer with each wildcard.
const MAX_WILDCARDS = 8;
const WILDCARDS = /\*+|\?|\[|\{|[+@!]\(/g;

function collected(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function maxDeletes(text: string): MaxDeletes {
  const parsed = parseMaxDeletes(text);
  if (parsed === undefined)
    throw new InvalidArgumentError('It must be a whole number or a percentage up to 100%, for example 5 or 30%.');
  return parsed;
}
