/** What somebody wants of `connsync init`, asked or taken from flags. */
export interface InitChoices {
  /** One of Datadog's nine, or `local`. */
  readonly site: string;
  /** Folders of manifests, relative to the working directory, with forward slashes; new manifests go into the first. */
  readonly folders: readonly [string, ...(readonly string[])];
  /** Whether there are manifests, now or in a moment; else one to read and change, or an empty folder. */
  readonly manifests: 'some' | 'example' | 'none';
  /** The default branch, where there are to be workflows. */
  readonly workflows: { readonly branch: string } | undefined;
}

/** What comes with this version of connsync. */
export interface Shipped {
  readonly version: string;
  /** The texts of the JSON Schemas of a manifest and of the settings. */
  readonly schemas: { readonly connection: string; readonly settings: string };
}

/** What may be asked; undefined is what nobody has said yet. */
export interface Questions {
  readonly site: string | undefined;
  readonly fromLive: boolean | undefined;
  readonly example: boolean | undefined;
  readonly workflows: boolean | undefined;
}

export type Answers = { readonly [Name in keyof Questions]: Exclude<Questions[Name], undefined> };

/** What the answers of somebody who gives none follow from. */
export interface Known {
  /** From the environment, connsync.yaml or a lockfile, else Datadog's first. */
  readonly site: string;
  /** There are credentials for Datadog in the environment. */
  readonly keys: boolean;
  /** There are manifests already. */
  readonly manifests: boolean;
}

/** Whatever is still open, answered with its default. */
export function withDefaults(open: Questions, { site, manifests }: Known): Answers {
  const fromLive = open.fromLive ?? false;
  return {
    site: open.site ?? site,
    fromLive,
    example: open.example ?? (!fromLive && !manifests),
    workflows: open.workflows ?? true,
  };
}
