import type { WatchScreen } from '../../reporters/watch/watch.ts';

/** A yes/no question that a single key answers. */
export interface KeypressPrompt {
  /** Returns true for `y`; false for any other key or a signal. */
  ask(question: string): Promise<boolean>;
  /** Answers the open question with a pressed key. Returns false if there is no open question. */
  answer(key: string): boolean;
}

export function openKeypressPrompt(screen: Pick<WatchScreen, 'ask'> | undefined, signal: AbortSignal): KeypressPrompt {
  let answered: ((yes: boolean) => void) | undefined;
  const settle = (yes: boolean): boolean => {
    const settled = answered;
    answered = undefined;
    settled?.(yes);
    return settled !== undefined;
  };
  signal.addEventListener('abort', () => settle(false));
  return {
    ask: async (question) => {
      screen?.ask(question);
      const yes = await new Promise<boolean>((resolve) => {
        answered = resolve;
        if (signal.aborted) settle(false);
      });
      screen?.ask(undefined);
      return yes;
    },
    answer: (key) => settle(/^y$/i.test(key)),
  };
}
