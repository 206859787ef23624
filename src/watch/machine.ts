import { compact } from '../core/compact.ts';

/**
 * The states of a watch, as a pure state machine. At most one plan or apply is in progress at a time, the last save is
 * always planned, and a stop ends the watch once nothing is in progress.
 *
 *               touched                      settled
 *      ┌──────────────────────▶ dirty ──────────────────────┐
 *      │                       ▲  │ stop                    ▼
 *    idle ◀────────────────────┼──┼─────── planned ───── planning ──▶ stopping ──▶ (end)
 *      │ settled, listed       │  ▼                      ▲     │ planned,        ▲
 *      ├───────────────────────┼─ stopping ── (end)      │     ▼ something due   │ stop
 *      │ apply                 └──────────── planned ────┤  applying ────────────┘
 *      └─────────────────────────────────────────────────┼────▶│
 *                                                        └─────┘ applied
 *
 * | event   | what happened                                    | idle     | dirty    | planning, applying        |
 * | ------- | ------------------------------------------------ | -------- | -------- | ------------------------- |
 * | touched | a file is being saved, and the burst continues   | dirty    | stays    | remembered                |
 * | settled | no more saves for a moment                       | planning | planning | remembered                |
 * | listed  | live connections were listed again               | planning | waits    | remembered                |
 * | apply   | the user requested an apply                      | applying | waits    | remembered                |
 * | planned | a plan ended; `due`: it is to be applied         |          |          | applying, or what is next |
 * | applied | an apply ended                                   |          |          | planning                  |
 * | stop    | a signal, or `q`                                 | end      | end      | stopping                  |
 *
 * Remembered input has this order: the machine first waits for the end of a burst, then plans saves and lists, then
 * starts a requested apply.
 */
export type State =
  | { readonly at: 'idle' }
  | { readonly at: 'dirty'; readonly input: MachineInput }
  | { readonly at: 'planning'; readonly input: MachineInput }
  | { readonly at: 'applying'; readonly input: MachineInput }
  | { readonly at: 'stopping' };

/** Input that arrived while a plan or an apply was in progress. */
export interface MachineInput {
  /** True if files are being saved and the burst has not ended. */
  readonly touched?: true;
  readonly saved?: true;
  readonly listed?: true;
  readonly apply?: true;
}

export type WatchEvent =
  | { readonly type: 'touched' }
  | { readonly type: 'settled' }
  | { readonly type: 'listed' }
  | { readonly type: 'apply' }
  | { readonly type: 'planned'; readonly due: boolean }
  | { readonly type: 'applied' }
  | { readonly type: 'stop' };

export type Effect =
  /**
   * `saved`: whether files may have changed. `listed`: whether live connections were listed again. `relist`: whether
   * they must be listed again, because an apply changed them.
   */
  | { readonly kind: 'plan'; readonly saved: boolean; readonly listed: boolean; readonly relist: boolean }
  /** `requested`: whether the user requested the apply and confirms it. If not, `watch --apply` applies saved files. */
  | { readonly kind: 'apply'; readonly requested: boolean }
  /** Ends the watch: nothing is in progress, and nothing more will start. */
  | { readonly kind: 'end' };

export interface MachineStep {
  readonly state: State;
  readonly effect?: Effect;
}

export const IDLE: State = { at: 'idle' };

export function next(state: State, event: WatchEvent): MachineStep {
  switch (state.at) {
    case 'idle':
      return event.type === 'stop' ? ENDED : nextWork(withEvent({}, event));
    case 'dirty':
      return whileDirty(state.input, event);
    case 'planning':
      if (event.type === 'stop') return { state: STOPPING };
      if (event.type !== 'planned') return { state: { at: 'planning', input: withEvent(state.input, event) } };
      return event.due ? applying(state.input, false) : nextWork(state.input);
    case 'applying':
      if (event.type === 'stop') return { state: STOPPING };
      if (event.type !== 'applied') return { state: { at: 'applying', input: withEvent(state.input, event) } };
      return planning(state.input, true);
    case 'stopping':
      return event.type === 'planned' || event.type === 'applied' ? ENDED : { state };
    default:
      return state satisfies never;
  }
}

const STOPPING: State = { at: 'stopping' };
const ENDED: MachineStep = { state: STOPPING, effect: { kind: 'end' } };

function whileDirty(input: MachineInput, event: WatchEvent): MachineStep {
  if (event.type === 'stop') return ENDED;
  const now = withEvent(input, event);
  return event.type === 'settled' ? nextWork(now) : { state: { at: 'dirty', input: now } };
}

function withEvent({ touched, ...input }: MachineInput, { type }: WatchEvent): MachineInput {
  const burst = touched === undefined ? {} : { touched };
  switch (type) {
    case 'touched':
      return { ...input, touched: true };
    case 'settled':
      return { ...input, saved: true };
    case 'listed':
      return { ...input, ...burst, listed: true };
    case 'apply':
      return { ...input, ...burst, apply: true };
    case 'planned':
    case 'applied':
    case 'stop':
      return { ...input, ...burst };
    default:
      return type satisfies never;
  }
}

function nextWork(input: MachineInput): MachineStep {
  if (input.touched === true) return { state: { at: 'dirty', input } };
  if (input.saved === true || input.listed === true) return planning(input, false);
  return input.apply === true ? applying({}, true) : { state: IDLE };
}

/**
 * Returns the step that starts a plan, which covers all saves and lists so far. A burst in progress and a requested
 * apply are remembered for later.
 */
function planning({ touched, saved, listed, apply }: MachineInput, relist: boolean): MachineStep {
  const input = { ...compact({ touched, apply }) };
  return {
    state: { at: 'planning', input },
    effect: { kind: 'plan', saved: saved === true, listed: listed === true, relist: relist },
  };
}

function applying(input: MachineInput, requested: boolean): MachineStep {
  return { state: { at: 'applying', input }, effect: { kind: 'apply', requested: requested } };
}
