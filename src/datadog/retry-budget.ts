/** How many retries a whole run may still make. */
export interface RetryBudget {
  /** An operation begins. */
  begin(): void;
  /** Takes one retry; false where none is left. */
  take(): boolean;
  /** A retry succeeded, so it costs nothing. */
  giveBack(): void;
}

/**
 * A hundred retries, or as many as operations were begun if these are more. Faults that pass are made good without end;
 * where everything fails, at most two requests are sent for each operation, however many tries each of them might have.
 */
export function retryBudget(): RetryBudget {
  let begun = 0;
  let spent = 0;
  return {
    begin: () => {
      begun += 1;
    },
    take: () => {
      if (spent >= Math.max(FEWEST, begun)) return false;
      spent += 1;
      return true;
    },
    giveBack: () => {
      spent -= 1;
    },
  };
}

const FEWEST = 100;
