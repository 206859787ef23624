import { IDLE, next, type Effect, type WatchEvent } from './machine.ts';

/** The effects of the machine. Both throw only errors that end the watch. */
export interface MachineWork {
  /** Makes a plan. `due` is true if the plan is to be applied. */
  plan(request: Omit<Effect & { readonly kind: 'plan' }, 'kind'>): Promise<{ readonly due: boolean }>;
  apply(request: Omit<Effect & { readonly kind: 'apply' }, 'kind'>): Promise<void>;
}

export interface RunningMachine {
  dispatch(event: WatchEvent): void;
  /** Resolves when the machine has stopped and nothing is in progress. Rejects with an error from `work`. */
  readonly ended: Promise<void>;
}

/** Starts the machine and executes its effects. */
export function startMachine(work: MachineWork): RunningMachine {
  let state = IDLE;
  let end: () => void;
  let fail: (cause: unknown) => void;
  const ended = new Promise<void>((resolve, reject) => {
    end = resolve;
    fail = reject;
  });

  const dispatch = (event: WatchEvent): void => {
    const step = next(state, event);
    ({ state } = step);
    if (step.effect !== undefined) perform(step.effect);
  };

  const perform = (effect: Effect): void => {
    switch (effect.kind) {
      case 'plan':
        void work.plan(effect).then(({ due }) => dispatch({ type: 'planned', due }), fail);
        break;
      case 'apply':
        void work.apply(effect).then(() => dispatch({ type: 'applied' }), fail);
        break;
      case 'end':
        end();
        break;
      default:
        effect satisfies never;
    }
  };

  return { dispatch: dispatch, ended: ended };
}
