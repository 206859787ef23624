import { TEMPLATES } from './templates.gen.ts';

/** The workflows that a repository can begin with, by the name of the file in `.github/workflows/`. */
export type TemplateName = keyof typeof TEMPLATES;

export interface Filling {
  readonly action: ActionReference;
  /** The default branch of the repository. */
  readonly branch?: string;
  /** Folders of manifests, relative to the repository. */
  readonly folders?: readonly string[];
}

/** Which action, at which commit, and the release that it is, which Dependabot reads and keeps up to date. */
export interface ActionReference {
  readonly repository: string;
  readonly commit: string;
  readonly version: string;
}

export const TEMPLATE_NAMES = Object.keys(TEMPLATES) as readonly TemplateName[];

/** What stands in a template instead of the action; a linter takes it for one. */
const PLACEHOLDER = 'connsync/connsync@0000000000000000000000000000000000000000 # v0.1.0';

/** A workflow as it is written into a repository. */
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

/** A branch or a folder as a pattern of GitHub's, inside a quoted text of YAML. */
function pattern(name: string): string {
  return name.replaceAll(/[*?+![\]]/g, String.raw`\$&`).replaceAll("'", "''");
}
