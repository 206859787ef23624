import type { InitChoices } from './answers.ts';

/** Next steps below a title: commands or clicks, and their purpose. */
export interface Next {
  readonly title: string;
  readonly steps: readonly (readonly [what: string, why: string])[];
}

export interface NextStepsContext {
  /** Whether every live connection was imported. */
  readonly fromLive: boolean;
  /** Whether Datadog credentials are set in the environment variables. */
  readonly keys: boolean;
  /** Whether the folder is the root of a Git repository, is below the root, or is in no repository. */
  readonly repository: 'root' | 'below' | 'none';
}

/** Returns the steps that only a person can do: commands to try, then clicks in GitHub. */
export function nextSteps({ site, workflows, manifests }: InitChoices, context: NextStepsContext): readonly Next[] {
  return [
    { title: 'Next', steps: commands(site, manifests === 'example', context) },
    ...(workflows === undefined ? [] : [{ title: 'In GitHub, by hand', steps: CLICKS }]),
    ...(workflows === undefined && context.repository === 'below'
      ? [{ title: 'In GitHub, by hand', steps: [['add a step with working-directory', BELOW] as const] }]
      : []),
  ];
}

function commands(site: string, example: boolean, { fromLive, keys }: NextStepsContext): Next['steps'] {
  if (fromLive)
    return [
      ['connsync plan', 'No changes: Git matches Datadog'],
      ['git add . && git commit', 'commit manifests and connections.lock together'],
    ];
  const trying = ['connsync plan --site local', 'preview an apply, without an account or a key'] as const;
  const validate = ['connsync validate', 'check the manifests'] as const;
  if (site === 'local')
    return [validate, ['connsync plan', 'preview an apply'], ['connsync apply', 'apply the plan to the emulator']];
  return [
    validate,
    ...(example ? [trying] : []),
    ...(keys ? [] : [['export DD_API_KEY=… DD_APP_KEY=…', 'needed for every command against Datadog'] as const]),
    ['connsync plan', `preview an apply to ${site}`],
    ['connsync import --all', 'write manifests for the connections that already exist'],
  ];
}

const BELOW = 'GitHub reads workflows only from the top of a repository; see docs/github-action.md for such a step';

/** The clicks in GitHub. docs/github-action.md describes them in detail. */
const CLICKS: Next['steps'] = [
  [
    'uses: connsync/connsync@000…',
    'the action is not published yet: replace this with your copy and its commit in all three workflows',
  ],
  [
    'Settings › Secrets and variables › Actions',
    'DD_READ_API_KEY and DD_READ_APP_KEY, keys that can only read (Profiles Read); DD_WRITE_API_KEY and DD_WRITE_APP_KEY, for the apply (also Profiles Write)',
  ],
  [
    'Settings › Actions › General',
    'if only selected actions are allowed, allow actions/* and your copy; Workflow permissions can stay read-only',
  ],
  ['Settings › Rules › Rulesets', 'require the status check connsync plan on the default branch'],
];
