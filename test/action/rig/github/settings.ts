/** Settings of the repository, its rules and GitHub's limits that a test may change. */
export interface GitHubSettings {
  /** A public repository is readable without permission. */
  private: boolean;
  /** Whether issues are enabled. If not, GitHub answers 410. */
  issuesEnabled: boolean;
  /** Whether a recursive tree is marked as truncated. */
  truncatedTrees: boolean;
  /** The number of bytes after which GraphQL truncates a text and sets `isTruncated`. */
  longestBlobText: number;
  /** The number of bytes after which `contents` leaves the content out of the JSON. */
  largestContent: number;
  /** Additional content of `rules/branches/{branch}`, next to the rules that a refusal implies. */
  rules: readonly unknown[];
  /** Whether the requester may bypass the rulesets. */
  bypass: 'always' | 'pull_requests_only' | 'never' | 'exempt';
}

export function defaultSettings(): GitHubSettings {
  return {
    private: true,
    issuesEnabled: true,
    truncatedTrees: false,
    longestBlobText: 512_000,
    largestContent: 1024 * 1024,
    rules: [],
    bypass: 'never',
  };
}
