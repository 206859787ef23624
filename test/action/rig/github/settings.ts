/** What a test may set of the repository, its rules and GitHub's limits. */
export interface GitHubSettings {
  /** A public repository lets everybody read. */
  private: boolean;
  /** Whether the repository has issues; without them GitHub answers 410. */
  issuesEnabled: boolean;
  /** Whether a recursive tree is told to be cut. */
  truncatedTrees: boolean;
  /** Bytes of a text after which GraphQL cuts it and says `isTruncated`. */
  longestBlobText: number;
  /** Bytes of a file after which `contents` leaves its content out of the JSON. */
  largestContent: number;
  /** What `rules/branches/{branch}` says beside what a refusal implies. */
  rules: readonly unknown[];
  /** Whether whoever asks may pass the rulesets. */
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
