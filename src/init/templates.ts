import { TEMPLATES } from './templates.gen.ts';

/** The workflow templates, by their file name in `.github/workflows/`. */
export type TemplateName = keyof typeof TEMPLATES;

export interface Filling {
  readonly action: ActionReference;
  /** The default branch of the repository. */
  readonly branch?: string;
  /** Folders of manifests, relative to the root of the repository. */
  readonly folders?: readonly string[];
}

/** The action, its commit, and its release, which Dependabot reads and updates. */
export interface ActionReference {
  readonly repository: string;
  readonly commit: string;
  readonly version: string;
}

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly TemplateName[];

/** The placeholder for the action in a template, which linters accept. */
const PLACEHOLDER = 'connsync/connsync@0000000000000000000000000000000000000000 # v0.1.0';

/** Returns a workflow template with its placeholders replaced. */
export function templateText(
  name: TemplateName,
  { action, branch = 'main', folders = ['connections'] }: Filling,
): string {
  const { repository, commit, version } = action;
  return TEMPLATES[name]
    .replaceAll(PLACEHOLDER, () => `${repository}@${commit} # ${version}`)
    .replaceAll("branches: ['main']", () => `branches: ['${pattern(branch)}']`)
    .replaceAll("'connections/**'", () => folders.map((folder) => `'${pattern(folder)}/**'`).join(', '));
}

/** Escapes a branch or a folder for use as a GitHub pattern in a quoted YAML text. */
function pattern(name: string): string {
  return name.replaceAll(/[*?+![\]]/g, String.raw`\$&`).replaceAll("'", "''");
}
