/** How GitHub refuses a change of a branch: the same rule as git and the API report it. */
export interface Refusal {
  /** The text that git prints after `remote: `. */
  readonly remote: (ref: string) => readonly string[];
  /** The text that git prints in brackets after `! [remote rejected]`. */
  readonly reason: string;
  /** `type` and `message` of the GraphQL error. */
  readonly type: string;
  readonly message: string;
  readonly by: 'protection' | 'ruleset';
}

/** Classic branch protection. */
export const PROTECTED_BRANCH: Refusal = {
  remote: (ref) => [
    `error: GH006: Protected branch update failed for ${ref}.`,
    '',
    '- Changes must be made through a pull request.',
  ],
  reason: 'protected branch hook declined',
  type: 'BRANCH_PROTECTION_RULE_VIOLATION',
  message: 'Changes must be made through a pull request.',
  by: 'protection',
};

/**
 * A ruleset. Its GraphQL type differs from that of branch protection (keystatic's issue 1598) and is undocumented, so
 * code that reads such an error has to check its message too.
 */
export const RULE_VIOLATION: Refusal = {
  remote: (ref) => [
    `error: GH013: Repository rule violations found for ${ref}.`,
    `Review all repository rules at https://github.com/acme/data/rules?ref=${encodeURIComponent(ref)}`,
    '',
    '- Changes must be made through a pull request.',
    '',
  ],
  reason: 'push declined due to repository rule violations',
  type: 'UNPROCESSABLE',
  message: 'Repository rule violations found\n\nChanges must be made through a pull request.\n\n',
  by: 'ruleset',
};
