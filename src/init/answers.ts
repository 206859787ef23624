/** The user's choices for `connsync init`, from questions or flags. */
export interface InitChoices {
  /** One of Datadog's nine sites, or `local`. */
  readonly site: string;
  /**
   * Folders of manifests, relative to the working directory, with forward slashes. New manifests go into the first
   * folder.
   */
  readonly folders: readonly [string, ...(readonly string[])];
  /**
   * `some`: manifests exist or were imported. `example`: init writes an example manifest. `none`: init leaves the
   * folder empty.
   */
  readonly manifests: 'some' | 'example' | 'none';
  /** The default branch, if workflows are wanted. */
  readonly workflows: { readonly branch: string } | undefined;
}

/** The files that ship with this version of connsync. */
export interface Shipped {
  readonly version: string;
  /** The JSON Schemas of a manifest and of the settings, as text. */
  readonly schemas: { readonly connection: string; readonly settings: string };
}

/** The possible questions. An undefined member has no answer yet. */
export interface Questions {
  readonly site: string | undefined;
  readonly fromLive: boolean | undefined;
  readonly example: boolean | undefined;
  readonly workflows: boolean | undefined;
}

export type Answers = { readonly [Name in keyof Questions]: Exclude<Questions[Name], undefined> };

/** The facts that determine the default answers. */
export interface Known {
  /** The site from the environment, connsync.yaml or a lockfile; otherwise Datadog's first site. */
  readonly site: string;
  /** Whether Datadog credentials are set in the environment variables. */
  readonly keys: boolean;
  /** Whether manifests already exist. */
  readonly manifests: boolean;
}

/** Returns the answers, with the default for each open question. */
export function withDefaults(open: Questions, { site, manifests }: Known): Answers {
  const fromLive = open.fromLive ?? false;
  return {
    site: open.site ?? site,
    fromLive,
    example: open.example ?? (!fromLive && !manifests),
    workflows: open.workflows ?? true,
  };
}
