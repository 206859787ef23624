const KEYS = `  DD_API_KEY, DD_APP_KEY   keys; DATADOG_API_KEY and DATADOG_APP_KEY work too
  DD_BEARER_TOKEN          a token, instead of both keys
  DD_SITE, DD_API_URL      site and address, under --site and --api-url
  HTTPS_PROXY, NO_PROXY    proxies; private authorities by NODE_EXTRA_CA_CERTS`;
const COLORS = '  NO_COLOR, FORCE_COLOR    colours, under --color';

interface Tail {
  readonly environment: string;
  readonly examples: readonly (readonly [string, string])[];
}

const TAILS: Readonly<Record<string, Tail>> = {
  init: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync init', 'on a terminal: asks'],
      ['connsync init --from-live --site datadoghq.eu --yes', 'with everything that is live'],
    ],
  },
  validate: {
    environment: COLORS,
    examples: [
      ['connsync validate', 'every problem of every manifest, at once'],
      ['connsync validate --format json', 'the same for a program'],
    ],
  },
  plan: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync plan', 'live where keys are set, else against the lockfile'],
      ['connsync plan --site local', 'against an embedded emulator: no account needed'],
    ],
  },
  apply: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync apply', 'on a terminal: shows the plan, and asks'],
      ['connsync apply --dry-run --format json', 'exactly connsync plan'],
    ],
  },
  watch: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync watch', 'what would merging this do? while you type'],
      ['connsync watch --site local --apply', 'against an embedded emulator, applied at every save'],
    ],
  },
  drift: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync drift', 'Git, lockfile and Datadog side by side'],
      ['connsync drift --detailed-exitcode', 'exit 2 where something drifted, for a schedule'],
    ],
  },
  import: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync import users/crm-contacts', 'one connection into connections/users/crm-contacts.yaml'],
      ['connsync import --all --entity accounts', 'everything of one entity'],
    ],
  },
  accept: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync accept users/billing', 'its drift into its manifest, comments kept'],
      ['connsync accept --all', 'every drift'],
    ],
  },
  fmt: {
    environment: COLORS,
    examples: [
      ['connsync fmt', 'every manifest, in place'],
      ['connsync fmt --check', 'for CI: exit 3 where one would change'],
    ],
  },
  state: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync state list', 'what is recorded'],
      ['connsync state rm users/old-trial', 'stop managing it'],
    ],
  },
  doctor: {
    environment: `${KEYS}\n${COLORS}`,
    examples: [
      ['connsync doctor', 'every check, each with its next step'],
      ['connsync doctor --site datadoghq.eu', 'are the keys of that site?'],
    ],
  },
  schema: {
    environment: '  none',
    examples: [
      ['connsync schema > connection.schema.json', 'for an editor'],
      ['connsync schema | head -20', 'a look at it'],
    ],
  },
  demo: {
    environment: COLORS,
    examples: [
      ['connsync demo', 'validate, plan, apply, plan again'],
      ['connsync demo --help', 'this page'],
    ],
  },
  emulator: {
    environment: '  none',
    examples: [
      ['connsync emulator --port 8126', 'then: connsync plan --api-url http://127.0.0.1:8126'],
      ['connsync emulator --data .emulator --faults faults.yaml', 'keeps its data, and goes wrong now and then'],
    ],
  },
};

/** What stands below the flags of a command: its environment variables and two examples. */
export function helpTail(command: string): string {
  const tail = TAILS[command];
  if (tail === undefined) return '';
  const width = Math.max(...tail.examples.map(([line]) => line.length));
  const examples = tail.examples.map(([line, what]) => `  ${line.padEnd(width)}   ${what}`).join('\n');
  return `\nEnvironment:\n${tail.environment}\n\nExamples:\n${examples}\n`;
}

export const OVERVIEW = `
Begin with:
  connsync demo                 the whole story, with no account
  connsync init                 a folder of your own, or everything that is live
  connsync validate             are the manifests sound?
  connsync plan --site local    what would an apply do?

Each command has a page of its own: connsync <command> --help
`;
