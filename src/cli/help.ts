import { Help, type Command } from 'commander';
import { inLines } from '../reporters/human/wrap.ts';
import type { Runtime } from '../runtime/runtime.ts';

const KEYS = `  DD_API_KEY, DD_APP_KEY   keys; DATADOG_API_KEY and DATADOG_APP_KEY work too
  DD_BEARER_TOKEN          a token, instead of both keys
  DD_SITE, DD_API_URL      site and address, under --site and --api-url
  HTTPS_PROXY, NO_PROXY    proxies; private authorities by NODE_EXTRA_CA_CERTS`;
const COLORS = '  NO_COLOR, FORCE_COLOR    colours, under --color';

/** What one wants to do, in the order of the first page. */
const GROUPS = ['Begin', 'Every day', 'What changed in Datadog', 'Write manifests', 'When something is wrong'] as const;
/** What names no group stands under this one. */
const OTHERS = 'More';

interface Entry {
  /** Where it stands on the first page. */
  readonly group?: (typeof GROUPS)[number];
  /** What its own page begins with, where that is more than its summary. */
  readonly about?: string;
  readonly environment: string;
  readonly examples: readonly (readonly [string, string])[];
}

/** Everything that help says of a command beside its flags and its summary: one more command is one more entry. */
const ENTRIES: Readonly<Record<string, Entry>> = {
  init: {
    group: 'Begin',
    about:
      'Write what a folder begins with: settings, an example or everything that is live, schemas, workflows. It overwrites nothing.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync init', 'on a terminal: asks'],
      ['connsync init --from-live --site datadoghq.eu --yes', 'with everything that is live'],
    ],
  },
  validate: {
    group: 'Every day',
    about: 'Check the manifests: syntax, schema, rules across files. It asks nobody and needs no keys.',
    environment: COLORS,
    examples: [
      ['connsync validate', 'every problem of every manifest, at once'],
      ['connsync validate --format json', 'the same for a program'],
    ],
  },
  plan: {
    group: 'Every day',
    about:
      'Show what an apply would do. Nothing is ever written: compared are manifests, lockfile and, with keys, what is live.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync plan', 'live where keys are set, else against the lockfile'],
      ['connsync plan --site local', 'against an embedded emulator: no account needed'],
    ],
  },
  apply: {
    group: 'Every day',
    about: 'Carry the plan out, and record it in the lockfile.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync apply', 'on a terminal: shows the plan, and asks'],
      ['connsync apply --dry-run --format json', 'exactly connsync plan'],
    ],
  },
  watch: {
    group: 'Every day',
    about: 'Plan at every save, and tell drift as it appears.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync watch --ui', 'what would merging this do? while you type, and in the browser'],
      ['connsync watch --site local --apply', 'against an embedded emulator, applied at every save'],
    ],
  },
  report: {
    group: 'Every day',
    about: 'Write what a plan sees as one HTML file, for a ticket or a CI artifact.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync report --out report.html', 'live where keys are set, else against the lockfile'],
      ['connsync report --offline', 'for a pull request from a fork: no keys needed'],
    ],
  },
  drift: {
    group: 'What changed in Datadog',
    about: 'Hold what is live against what was recorded: who changed what.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync drift', 'Git, lockfile and Datadog side by side'],
      ['connsync drift --detailed-exitcode', 'exit 2 where something drifted, for a schedule'],
    ],
  },
  import: {
    group: 'What changed in Datadog',
    about: 'Write manifests and records for connections that are live.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync import users/crm-contacts', 'one connection into connections/users/crm-contacts.yaml'],
      ['connsync import --all --entity accounts', 'everything of one entity'],
    ],
  },
  accept: {
    group: 'What changed in Datadog',
    about: "Copy Datadog's version of a drifted connection into its manifest, comments kept.",
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync accept users/billing', 'its drift into its manifest, comments kept'],
      ['connsync accept --all', 'every drift'],
    ],
  },
  fmt: {
    group: 'Write manifests',
    about: 'Put manifests into canonical order and spacing, comments kept.',
    environment: COLORS,
    examples: [
      ['connsync fmt', 'every manifest, in place'],
      ['connsync fmt --check', 'for CI: exit 3 where one would change'],
    ],
  },
  state: {
    group: 'When something is wrong',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync state list', 'what is recorded'],
      ['connsync state rm users/old-trial', 'stop managing it'],
    ],
  },
  doctor: {
    group: 'When something is wrong',
    about: 'Check keys, site, permissions, proxy and clock, each with its next step.',
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync doctor', 'every check, each with its next step'],
      ['connsync doctor --site datadoghq.eu', 'are the keys of that site?'],
    ],
  },
  schema: {
    group: 'Write manifests',
    about:
      'Print the JSON Schema that this version validates with: of a manifest, of connsync.yaml, or of a file of faults.',
    environment: '  none',
    examples: [
      ['connsync schema --write schemas/connection.schema.json', 'for editors'],
      ['connsync schema settings', 'that of connsync.yaml'],
    ],
  },
  explain: {
    group: 'When something is wrong',
    about: 'Say what a code means, why it matters, and what to do, with examples. It needs no files and no network.',
    environment: COLORS,
    examples: [
      ['connsync explain', 'every code with its rule'],
      ['connsync explain unknown-property', 'all about one'],
    ],
  },
  completion: {
    about: 'Print what makes a shell complete commands, flags, their values, and the keys of the lockfile.',
    environment: '  none',
    examples: [
      ['connsync completion bash', 'in ~/.bashrc: source <(connsync completion bash)'],
      ['connsync completion fish', 'into ~/.config/fish/completions/connsync.fish'],
    ],
  },
  demo: {
    group: 'Begin',
    about: 'Tell the whole story against an emulator, and leave nothing behind.',
    environment: COLORS,
    examples: [
      ['connsync demo', 'validate, plan, apply, plan again'],
      ['connsync demo --color never', 'the same in black and white'],
    ],
  },
  emulator: {
    group: 'Begin',
    about: 'Serve an emulator of the five Datadog endpoints on this machine.',
    environment: '  none',
    examples: [
      ['connsync emulator --port 8126', 'then, with any two keys: connsync plan --api-url http://127.0.0.1:8126'],
      ['connsync emulator --data .emulator --faults faults.yaml', 'keeps its data, and goes wrong now and then'],
    ],
  },
};

/** Columns of a page: those of the terminal, and no more than are read well. */
export function helpWidth({ stdout, stderr }: Pick<Runtime, 'stdout' | 'stderr'>, error: boolean): number {
  return Math.min((error ? stderr : stdout).columns ?? 80, 100);
}

/** What the page of a command begins with. */
export function aboutOf(command: string, summary: string): string {
  return ENTRIES[command]?.about ?? `${summary}.`;
}

/** What stands below the flags of a command: its environment variables and two examples. */
export function helpTail(command: string, width: number): string {
  const entry = ENTRIES[command];
  if (entry === undefined) return '';
  const variables = entry.environment.split('\n').map((line) => line.trim().split(/ {2,}(.*)/));
  return `\nEnvironment:\n${columns(variables, width)}\nExamples:\n${columns(entry.examples, width)}`;
}

/** The examples of every command. */
export function examplesOf(command: string): readonly string[] {
  return ENTRIES[command]?.examples.map(([line]) => line) ?? [];
}

/** The page of a command as commander writes it; the first page is our own. */
export function commandHelp(command: Command, helper: Help): string {
  return command.parent === null ? overview(command, helper) : new Help().formatHelp.call(helper, command, helper);
}

/** Every command under what one wants to do, and nothing else but how to go on. */
function overview(program: Command, helper: Help): string {
  const commands = helper.visibleCommands(program);
  const width = helper.helpWidth ?? 80;
  const blocks = [...GROUPS, OTHERS].flatMap((group) => {
    const inGroup = commands.filter((command) => groupOf(command) === group);
    const rows = inGroup.map((command) => [helper.subcommandTerm(command), command.summary()]);
    return rows.length === 0
      ? []
      : `${group}:\n${columns(rows, width, helper.longestSubcommandTermLength(program, helper))}`;
  });
  return [
    `${program.description()}\n\nUsage: ${helper.commandUsage(program)}\n`,
    ...blocks,
    'connsync <command> --help has its flags and examples.\nconnsync --version prints the version.\n',
  ].join('\n');
}

function groupOf(command: Command): string {
  return ENTRIES[command.name()]?.group ?? OTHERS;
}

/** Two aligned columns, or where they have no room beside each other, the second below the first. */
function columns(rows: readonly (readonly string[])[], width: number, atLeast = 0): string {
  const first = Math.max(atLeast, ...rows.map(([term = '']) => term.length));
  const beside = Math.max(...rows.map(([, text = '']) => 2 + first + 3 + text.length)) <= width;
  return rows
    .map(([term = '', text = '']) => {
      if (text === '') return `  ${term}\n`;
      return beside
        ? `  ${term.padEnd(first)}   ${text}\n`
        : `  ${term}\n${inLines(`      ${text}`, width, '      ')}\n`;
    })
    .join('');
}
