import { Help, type Command } from 'commander';
import { wrapText } from '../reporters/human/wrap.ts';
import type { Runtime } from '../runtime/runtime.ts';

const KEYS = `  DD_API_KEY, DD_APP_KEY   keys; DATADOG_API_KEY and DATADOG_APP_KEY work too
  DD_BEARER_TOKEN          a token, instead of both keys
  DD_SITE, DD_API_URL      site and API base URL; --site and --api-url override them
  HTTPS_PROXY, NO_PROXY    proxies; set NODE_EXTRA_CA_CERTS for a private certificate authority`;
const COLORS = '  NO_COLOR, FORCE_COLOR    colors; --color overrides them';

/** The groups of commands on the main help page, in order. */
const GROUPS = ['Getting started', 'Plan and apply', 'Drift and import', 'Authoring', 'Troubleshooting'] as const;

interface Entry {
  readonly group: (typeof GROUPS)[number];
  /** The first lines of the command's own help page, if they say more than the summary. */
  readonly about?: string;
  readonly environment: string;
  readonly examples: readonly (readonly [string, string])[];
}

/** The help of each command, except its flags and its summary. */
const ENTRIES = {
  init: {
    group: 'Getting started',
    about:
      'Create the starter files: settings, an example manifest or a manifest for every live connection, schemas, and workflows. Existing files are not changed.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync init', 'asks questions on a terminal'],
      ['connsync init --from-live --site datadoghq.eu --yes', 'imports every live connection'],
    ],
  },
  validate: {
    group: 'Plan and apply',
    about: 'Check the manifests: syntax, schema, and rules across files. Needs no network and no keys.',
    environment: COLORS,
    examples: [
      ['connsync validate', 'reports every problem in every manifest'],
      ['connsync validate --format json', 'the same as JSON'],
    ],
  },
  plan: {
    group: 'Plan and apply',
    about:
      'Show the changes an apply would make. Compares the manifests with the lockfile and, if keys are set, with Datadog. Changes nothing.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync plan', 'live if keys are set, otherwise against the lockfile'],
      ['connsync plan --site local', 'against the embedded emulator: no account needed'],
    ],
  },
  apply: {
    group: 'Plan and apply',
    about: 'Apply the plan and update the lockfile.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync apply', 'on a terminal: shows the plan and asks for confirmation'],
      ['connsync apply --dry-run --format json', 'the same as connsync plan --format json'],
    ],
  },
  watch: {
    group: 'Plan and apply',
    about: 'Plan again after every save, and report drift as it appears.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync watch --ui', 'shows the plan while you edit, also in the browser'],
      ['connsync watch --site local --apply', 'applies every save to the embedded emulator'],
    ],
  },
  report: {
    group: 'Plan and apply',
    about: 'Write the plan to an HTML file, for a ticket or a CI artifact.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync report --out report.html', 'live if keys are set, otherwise against the lockfile'],
      ['connsync report --offline', 'for a pull request from a fork: no keys needed'],
    ],
  },
  drift: {
    group: 'Drift and import',
    about: 'Compare Datadog with the lockfile: what changed outside Git, who changed it, and when.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync drift', 'Git, lockfile and Datadog side by side'],
      ['connsync drift --detailed-exitcode', 'for a scheduled job: exit 2 on drift'],
    ],
  },
  import: {
    group: 'Drift and import',
    about: 'Write manifests for live connections, and record them in the lockfile.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync import users/crm-contacts', 'writes connections/users/crm-contacts.yaml'],
      ['connsync import --all --entity accounts', 'imports every connection of one entity'],
    ],
  },
  accept: {
    group: 'Drift and import',
    about: "Copy Datadog's version of a drifted connection into its manifest. Comments are kept.",
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync accept users/billing', "updates one connection's manifest"],
      ['connsync accept --all', 'updates the manifests of all drifted connections'],
    ],
  },
  fmt: {
    group: 'Authoring',
    about: 'Format manifests: canonical key order and spacing. Comments are kept.',
    environment: COLORS,
    examples: [
      ['connsync fmt', 'formats every manifest in place'],
      ['connsync fmt --check', 'for CI: exit 3 if a file is not formatted'],
    ],
  },
  state: {
    group: 'Troubleshooting',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync state list', 'lists the recorded connections'],
      ['connsync state rm users/old-trial', 'stops managing a connection'],
    ],
  },
  doctor: {
    group: 'Troubleshooting',
    about: 'Check keys, site, permissions, proxy and clock. Each failed check names the next step.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync doctor', 'runs every check'],
      ['connsync doctor --site datadoghq.eu', 'checks that the keys belong to that site'],
    ],
  },
  schema: {
    group: 'Authoring',
    about: 'Print the JSON Schema of a manifest, of connsync.yaml, or of a fault file for the emulator.',
    environment: '  none',
    examples: [
      ['connsync schema --write schemas/connection.schema.json', 'for editors'],
      ['connsync schema settings', 'the schema of connsync.yaml'],
    ],
  },
  explain: {
    group: 'Troubleshooting',
    about:
      'Explain a problem code: what it means, why it matters, and how to fix it, with examples. Needs no files and no network.',
    environment: COLORS,
    examples: [
      ['connsync explain', 'lists every code'],
      ['connsync explain unknown-property', 'explains one code'],
    ],
  },
  completion: {
    group: 'Getting started',
    about: 'Print a completion script for commands, flags, flag values, and the keys in the lockfile.',
    environment: '  none',
    examples: [
      ['connsync completion bash', 'in ~/.bashrc: source <(connsync completion bash)'],
      ['connsync completion fish', 'into ~/.config/fish/completions/connsync.fish'],
    ],
  },
  demo: {
    group: 'Getting started',
    about: 'Run a complete example against the embedded emulator, in a temporary folder that is removed afterwards.',
    environment: COLORS,
    examples: [
      ['connsync demo', 'validate, plan, apply, plan again'],
      ['connsync demo --color never', 'the same without colors'],
    ],
  },
  emulator: {
    group: 'Getting started',
    about: 'Serve an emulator of the five Datadog endpoints on loopback.',
    environment: '  none',
    examples: [
      ['connsync emulator --port 8126', 'then, with any two keys: connsync plan --api-url http://127.0.0.1:8126'],
      ['connsync emulator --data .emulator --faults faults.yaml', 'keeps its data and injects faults'],
    ],
  },
  version: {
    group: 'Troubleshooting',
    about: 'Print the version, as connsync --version does.',
    environment: '  none',
    examples: [
      ['connsync version', 'prints the version number'],
      ['connsync version --format json', 'the same as JSON'],
    ],
  },
} satisfies Readonly<Record<string, Entry>>;

/** The name of a command that has a help page. */
export type CommandName = keyof typeof ENTRIES;

/** Returns the width of a help page in columns: the terminal's, but at most 100. */
export function helpWidth({ stdout, stderr }: Pick<Runtime, 'stdout' | 'stderr'>, error: boolean): number {
  return Math.min((error ? stderr : stdout).columns ?? 80, 100);
}

/** Returns the first lines of a command's help page. */
export function aboutOf(command: string, summary: string): string {
  return entryOf(command)?.about ?? `${summary}.`;
}

/** Returns the end of a command's help page: its environment variables and examples. */
export function helpTail(command: string, width: number): string {
  const entry = entryOf(command);
  if (entry === undefined) return '';
  const variables = entry.environment.split('\n').map((line) => line.trim().split(/ {2,}(.*)/));
  return `\nEnvironment:\n${columns(variables, width)}\nExamples:\n${columns(entry.examples, width)}`;
}

/** Returns the command lines of a command's examples. */
export function examplesOf(command: string): readonly string[] {
  return entryOf(command)?.examples.map(([line]) => line) ?? [];
}

/** Returns the help page of a command. Commander formats every page except the main page. */
export function commandHelp(command: Command, helper: Help): string {
  return command.parent === null ? overview(command, helper) : new Help().formatHelp.call(helper, command, helper);
}

/** Returns the main help page, which lists the commands by group. */
function overview(program: Command, helper: Help): string {
  const commands = helper.visibleCommands(program);
  const width = helper.helpWidth ?? 80;
  const blocks = GROUPS.flatMap((group) => {
    const inGroup = commands.filter((command) => entryOf(command.name())?.group === group);
    const rows = inGroup.map((command) => [helper.subcommandTerm(command), command.summary()]);
    return rows.length === 0
      ? []
      : `${group}:\n${columns(rows, width, helper.longestSubcommandTermLength(program, helper))}`;
  });
  return [
    `${program.description()}\n\nUsage: ${helper.commandUsage(program)}\n`,
    ...blocks,
    'Run connsync <command> --help for flags and examples.\n',
  ].join('\n');
}

function entryOf(command: string): Entry | undefined {
  return Object.hasOwn(ENTRIES, command) ? ENTRIES[command as CommandName] : undefined;
}

/** Returns rows as two aligned columns. If the width is too small, each description goes below its term. */
function columns(rows: readonly (readonly string[])[], width: number, atLeast = 0): string {
  const first = Math.max(atLeast, ...rows.map(([term = '']) => term.length));
  const fits = Math.max(...rows.map(([, text = '']) => 2 + first + 3 + text.length)) <= width;
  return rows
    .map(([term = '', text = '']) => {
      if (text === '') return `  ${term}\n`;
      return fits
        ? `  ${term.padEnd(first)}   ${text}\n`
        : `  ${term}\n${wrapText(`      ${text}`, width, '      ')}\n`;
    })
    .join('');
}
