import { InvalidArgumentError, Option, type Command } from 'commander';
import { isChecksum } from '../core/sha256.ts';
import { parseMaxDeletes, type MaxDeletes } from '../core/max-deletes.ts';
import { DEFAULTS, FURTHER_FORMATS, GENERAL_FORMATS, type Format } from '../session/flags.ts';

export function addCommonFlags(command: Command): Command {
  return addOutputFlags(command)
    .addOption(
      grouped(
        'Manifests:',
        '--dir <folder>',
        'folder of manifests; may be given more than once (default: connections)',
      ).argParser(collected),
    )
    .addOption(
      grouped(
        'Manifests:',
        '--lockfile <file>',
        'where the record of what was applied stands (default: connections.lock)',
      ),
    )
    .addOption(
      grouped('Manifests:', '--max-files <n>', 'refuse to read more manifests than this')
        .argParser(wholeNumber(1))
        .default(DEFAULTS.maxFiles),
    );
}

/** Flags of how an answer looks. */
export function addOutputFlags(command: Command): Command {
  return command
    .addOption(
      grouped('Output:', '--format <format>', 'what stdout carries')
        .choices(formatsOf(command.name()))
        .default('human'),
    )
    .addOption(
      grouped('Output:', '--color <when>', 'colours in human output')
        .choices(['auto', 'always', 'never'])
        .default('auto'),
    )
    .addOption(grouped('Output:', '-q, --quiet', 'only the answer and errors'))
    .addOption(grouped('Output:', '-v, --verbose', 'stacks and causes of errors'));
}

function formatsOf(command: string): readonly Format[] {
  // It has no end at which one document could be printed.
  if (command === 'watch') return ['human', 'ndjson'];
  const further: Readonly<Record<string, readonly Format[]>> = FURTHER_FORMATS;
  return [...GENERAL_FORMATS, ...(further[command] ?? [])];
}

export function addDatadogFlags(command: Command): Command {
  return command
    .addOption(grouped('Datadog:', '--site <site>', "one of Datadog's nine sites, or local for the embedded emulator"))
    .addOption(grouped('Datadog:', '--api-url <url>', 'another address of the API: https, or http on this machine'))
    .addOption(
      grouped('Datadog:', '--timeout <time>', 'for each request, such as 30s or 500ms')
        .argParser(parseDuration)
        .default(DEFAULTS.timeout, '30s'),
    )
    .addOption(
      grouped('Datadog:', '--max-retries <n>', 'further tries of a request')
        .argParser(wholeNumber(0))
        .default(DEFAULTS.maxRetries),
    )
    .addOption(grouped('Datadog:', '--trace <file>', 'append every request and answer to a file, without keys'));
}

export function addPlanningFlags(command: Command): Command {
  return command
    .addOption(grouped('Comparison:', '--live', 'compare with what is live; an error without credentials'))
    .addOption(grouped('Comparison:', '--offline', 'compare with the lockfile alone, whatever keys are set'))
    .addOption(
      grouped('Comparison:', '--on-drift <what>', 'changes made outside Git (default: revert)').choices([
        'revert',
        'keep',
        'refuse',
      ]),
    )
    .addOption(grouped('Comparison:', '--prune', 'delete what is recorded and has no manifest any more'))
    .addOption(grouped('Comparison:', '--no-prune', 'report it only, whatever connsync.yaml says'))
    .addOption(
      grouped('Filters:', '--target <glob>', 'only these keys, as users/*; may be given more than once').argParser(
        globs,
      ),
    )
    .addOption(
      grouped('Filters:', '--exclude <glob>', 'all but these keys; may be given more than once').argParser(globs),
    )
    .addOption(grouped('Guards:', '--adopt', 'change connections that are live but not in the lockfile'))
    .addOption(grouped('Guards:', '--allow-replace', 'delete and create again where there is no update'))
    .addOption(grouped('Guards:', '--allow-empty', 'go on where no manifest is left'))
    .addOption(
      grouped('Guards:', '--max-deletes <n>', 'how many may be destroyed, as 5 or 30% (default: 30%)').argParser(
        maxDeletes,
      ),
    );
}

export function addDetailedExitcode(command: Command): Command {
  return command.addOption(grouped('Output:', '--detailed-exitcode', 'exit 2 where there are changes'));
}

export function addApplyFlags(command: Command): Command {
  return command
    .addOption(grouped('Apply:', '--dry-run', 'exactly connsync plan'))
    .addOption(
      grouped('Apply:', '--concurrency <n>', 'actions under way at once (default: 4)').argParser(wholeNumber(1)),
    )
    .addOption(grouped('Apply:', '--plan <file>', 'carry out only what that plan holds; asks nothing'))
    .addOption(
      grouped('Apply:', '--checksum <sha>', 'only if the plan made now has this checksum').argParser(parseChecksum),
    )
    .addOption(grouped('Apply:', '-y, --yes', 'ask nothing'))
    .addOption(
      grouped('Apply:', '--lock-timeout <time>', 'wait so long for another apply to end')
        .argParser(parseDuration)
        .default(DEFAULTS.lockTimeout, '0s'),
    );
}

export function addWatchFlags(command: Command): Command {
  return command
    .addOption(
      grouped('Watch:', '--interval <time>', 'look at what is live so often, give or take a tenth')
        .argParser(atLeastASecond)
        .default(DEFAULTS.interval, '5m'),
    )
    .addOption(grouped('Watch:', '--apply', 'create and update at every save; never deletes, never replaces'))
    .addOption(grouped('Watch:', '-y, --yes', 'consent to --apply where nobody is at a terminal'))
    .addOption(grouped('Watch:', '--ui', 'serve a status page on this machine, which shows and does nothing'))
    .addOption(grouped('Watch:', '--port <n>', 'port of that page (default: any free one)').argParser(portNumber));
}

export function addInitFlags(command: Command): Command {
  return command
    .addOption(grouped('Init:', '--from-live', 'begin with everything that is live, as import --all does'))
    .addOption(grouped('Init:', '--dir <folder>', 'folder of manifests, below this one (default: connections)'))
    .addOption(grouped('Init:', '--example', 'an example manifest, explained line by line'))
    .addOption(grouped('Init:', '--no-example', 'an empty folder instead'))
    .addOption(grouped('Init:', '--no-workflows', 'no workflows for GitHub'))
    .addOption(grouped('Init:', '-y, --yes', 'ask nothing, and take the default of what no flag says'));
}

function atLeastASecond(text: string): number {
  const ms = parseDuration(text);
  if (ms < 1_000) throw new InvalidArgumentError('It must be at least 1s.');
  return ms;
}

export function grouped(group: string, flags: string, description: string): Option {
  return new Option(flags, description).helpGroup(group);
}

export function portNumber(text: string): number {
  const port = wholeNumber(0)(text);
  if (port > 65_535) throw new InvalidArgumentError('It is at most 65535.');
  return port;
}

function parseChecksum(text: string): string {
  if (!isChecksum(text))
    throw new InvalidArgumentError(
      'It must be sha256: and 64 hex digits, as connsync plan --format json and markdown show it.',
    );
  return text;
}

/** A whole number that is not below `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < least || !Number.isSafeInteger(number))
      throw new InvalidArgumentError(`It must be a whole number from ${least}.`);
    return number;
  };
}

/** `500ms`, `30s`, `2m` or `1h` in milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  if (number === undefined) throw new InvalidArgumentError('It must be a number with a unit: 500ms, 30s, 2m.');
  const factor = unit === 'ms' ? 1 : unit === 's' ? 1000 : unit === 'm' ? 60_000 : 3_600_000;
  const ms = Number(number) * factor;
  if (ms > MAX_TIMER) throw new InvalidArgumentError('It is at most 24 days.');
  return ms;
}

/** What a timer of Node can hold. */
const MAX_TIMER = 2 ** 31 - 1;

function globs(glob: string, before: readonly string[] | undefined): readonly string[] {
  if (glob === '') throw new InvalidArgumentError('It must not be empty; users/* takes all of an entity.');
  return collected(glob, before);
}

function collected(folder: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), folder];
}

function maxDeletes(text: string): MaxDeletes {
  const parsed = parseMaxDeletes(text);
  if (parsed === undefined)
    throw new InvalidArgumentError('It must be a whole number or a percentage up to 100%, such as 5 or 30%.');
  return parsed;
}
