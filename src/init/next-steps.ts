import type { InitChoices } from './answers.ts';

/** What is left to do, as a list under a title: something to type or to click, and what for. */
export interface Next {
  readonly title: string;
  readonly steps: readonly (readonly [what: string, why: string])[];
}

export interface Around {
  /** Everything that is live was imported. */
  readonly fromLive: boolean;
  /** There are credentials for Datadog in the environment. */
  readonly keys: boolean;
  /** Where the folder stands in its Git repository. */
  readonly repository: 'root' | 'below' | 'none';
}

/** What nobody but a person can do: try it, then the clicks in GitHub. */
export function nextSteps({ site, workflows, manifests }: InitChoices, around: Around): readonly Next[] {
  return [
    { title: 'Next', steps: commands(site, manifests === 'example', around) },
    ...(workflows === undefined ? [] : [{ title: 'In GitHub, by hand', steps: CLICKS }]),
    ...(workflows === undefined && around.repository === 'below'
      ? [{ title: 'In GitHub', steps: [['a step with working-directory', BELOW] as const] }]
      : []),
  ];
}

function commands(site: string, example: boolean, { fromLive, keys }: Around): Next['steps'] {
  if (fromLive)
    return [
      ['connsync plan', 'No changes: Git says what Datadog has'],
      ['git add . && git commit', 'manifests and connections.lock together'],
    ];
  const trying = ['connsync plan --site local', 'what would an apply do? without an account or a key'] as const;
  const validate = ['connsync validate', 'are the manifests sound?'] as const;
  if (site === 'local')
    return [validate, ['connsync plan', 'what would an apply do?'], ['connsync apply', 'do it, in the emulator']];
  return [
    validate,
    ...(example ? [trying] : []),
    ...(keys ? [] : [['export DD_API_KEY=… DD_APP_KEY=…', 'for everything live'] as const]),
    ['connsync plan', `what would an apply do at ${site}?`],
    ['connsync import --all', 'manifests for what is live there already'],
  ];
}

const BELOW = 'GitHub reads workflows at the top of a repository only; docs/github-action.md has such a step';

/** As docs/github-action.md has them at length. */
const CLICKS: Next['steps'] = [
  ['uses: connsync/connsync@000…', 'not published yet: put your copy and its commit there, in all three workflows'],
  [
    'Settings › Secrets and variables › Actions',
    'DD_READ_API_KEY and DD_READ_APP_KEY, keys that can only read (Profiles Read); DD_WRITE_API_KEY and DD_WRITE_APP_KEY, for the apply (Profiles Write too)',
  ],
  [
    'Settings › Actions › General',
    'where only selected actions are allowed, allow actions/* and your copy; Workflow permissions may stay at read',
  ],
  ['Settings › Rules › Rulesets', 'require the status check connsync plan on the default branch'],
];
