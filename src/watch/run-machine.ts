import { IDLE, next, type Effect, type WatchEvent } from './machine.ts';

/** What the machine's effects do; both throw only what ends the watch. */
export interface Work {
  /** `due`: what was saved is to be applied. */
  plan(request: Omit<Effect & { readonly kind: 'plan' }, 'kind'>): Promise<{ readonly due: boolean }>;
  apply(request: Omit<Effect & { readonly kind: 'apply' }, 'kind'>): Promise<void>;
}

export interface Running {
  tell(event: WatchEvent): void;
  /** Resolves once it has stopped and nothing is under way; rejects with what the work threw. */
  readonly left: Promise<void>;
}

/** The machine, with its effects carried out. */
export function startMachine(work: Work): Running {
  let state = IDLE;
  let leave: () => void;
  let fail: (cause: unknown) => void;
  const left = new Promise<void>((resolve, reject) => {
    leave = resolve;
    fail = reject;
  });

  const tell = (event: WatchEvent): void => {
    const step = next(state, event);
    ({ state } = step);
    if (step.effect !== undefined) perform(step.effect);
  };

  const perform = (effect: Effect): void => {
    switch (effect.kind) {
      case 'plan':
        void work.plan(effect).then(({ due }) => tell({ type: 'planned', due }), fail);
        break;
      case 'apply':
        void work.apply(effect).then(() => tell({ type: 'applied' }), fail);
        break;
      case 'leave':
        leave();
        break;
      default:
        effect satisfies never;
    }
  };

  return { tell, left };
}
