/** The number of retries that the rest of the run may make. */
export interface RetryBudget {
  /** Registers an operation. */
  begin(): void;
  /** Uses one retry. Returns false if none is left. */
  take(): boolean;
  /** Returns one retry to the budget after it succeeded. */
  giveBack(): void;
}

/**
 * Allows a hundred retries, or as many as there are operations if that is more. Transient faults don't use up the
 * budget. If everything fails, at most two requests are sent per operation, however many retries each could make.
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
