/** The number of retries that the rest of the run may make. */
export interface RetryBudget {
  /** Adds an operation, which may increase the budget. */
  begin(): void;
  /** Uses one retry. Returns false if none is left. */
  take(): boolean;
  /** Returns one retry to the budget after it succeeded. */
  giveBack(): void;
}

/**
 * Returns a budget of a hundred retries, or of one per operation if there are more operations. Retries that succeed
 * don't use up the budget. If more than a hundred operations all fail, the client sends at most two requests per
 * operation on average.
 */
export function retryBudget(): RetryBudget {
  let operations = 0;
  let spent = 0;
  return {
    begin: () => {
      operations += 1;
    },
    take: () => {
      if (spent >= Math.max(MIN_BUDGET, operations)) return false;
      spent += 1;
      return true;
    },
    giveBack: () => {
      spent -= 1;
    },
  };
}

const MIN_BUDGET = 100;
