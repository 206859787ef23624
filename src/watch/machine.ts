/**
 * What a watch does, and when: a pure machine. At most one plan or apply is under way at any time, the last save is always
 * planned, and a stop ends it once nothing is under way any more.
 *
 *               touched                      settled
 *      ┌──────────────────────▶ dirty ──────────────────────┐
 *      │                       ▲  │ stop                    ▼
 *    idle ◀────────────────────┼──┼─────── planned ───── planning ──▶ stopping ──▶ (left)
 *      │ settled, listed       │  ▼                      ▲     │ planned,        ▲
 *      ├───────────────────────┼─ stopping ── (left)     │     ▼ something due   │ stop
 *      │ apply                 └──────────── planned ────┤  applying ────────────┘
 *      └─────────────────────────────────────────────────┼────▶│
 *                                                        └─────┘ applied
 *
 * | event   | what happened                                   | idle     | dirty    | planning, applying     |
 * | ------- | ----------------------------------------------- | -------- | -------- | ---------------------- |
 * | touched | a file is being saved, and the burst goes on    | dirty    | stays    | remembered             |
 * | settled | no more saves for a moment                      | planning | planning | remembered             |
 * | listed  | what is live was listed anew                    | planning | waits    | remembered             |
 * | apply   | somebody asked for an apply                     | applying | waits    | remembered             |
 * | planned | a plan ended; `due`: saves are to be applied    |          |          | applying, or what came |
 * | applied | an apply ended                                  |          |          | planning               |
 * | stop    | a signal, or `q`                                | left     | left     | stopping               |
 *
 * What came meanwhile is taken up in this order: a burst that goes on is waited for, then saves and lists are planned, then an
 * apply that was asked for.
 */
export type State =
  | { readonly at: 'idle' }
  | { readonly at: 'dirty'; readonly input: MachineInput }
  | { readonly at: 'planning'; readonly input: MachineInput }
  | { readonly at: 'applying'; readonly input: MachineInput }
  | { readonly at: 'stopping' };

/** What came while something else was under way. */
export interface MachineInput {
  /** Files are being saved: the burst has not ended. */
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
  /** `saved`: files may have changed. `listed`: what is live was listed. `anew`: it has to be, since an apply changed it. */
  | { readonly kind: 'plan'; readonly saved: boolean; readonly listed: boolean; readonly anew: boolean }
  /** `asked`: by a person, who confirms it; else the saves of a `watch --apply`. */
  | { readonly kind: 'apply'; readonly asked: boolean }
  /** Nothing is under way any more, and nothing will be. */
  | { readonly kind: 'leave' };

export interface Step {
  readonly state: State;
  readonly effect?: Effect;
}

export const IDLE: State = { at: 'idle' };

export function next(state: State, event: WatchEvent): Step {
  switch (state.at) {
    case 'idle':
      return event.type === 'stop' ? LEFT : takeUp(withEvent({}, event));
    case 'dirty':
      return whileDirty(state.input, event);
    case 'planning':
      if (event.type === 'stop') return { state: STOPPING };
      if (event.type !== 'planned') return { state: { at: 'planning', input: withEvent(state.input, event) } };
      return event.due ? applying(state.input, false) : takeUp(state.input);
    case 'applying':
      if (event.type === 'stop') return { state: STOPPING };
      if (event.type !== 'applied') return { state: { at: 'applying', input: withEvent(state.input, event) } };
      return planning(state.input, true);
    case 'stopping':
      return event.type === 'planned' || event.type === 'applied' ? LEFT : { state };
    default:
      return state satisfies never;
  }
}

const STOPPING: State = { at: 'stopping' };
const LEFT: Step = { state: STOPPING, effect: { kind: 'leave' } };

function whileDirty(input: MachineInput, event: WatchEvent): Step {
  if (event.type === 'stop') return LEFT;
  const now = withEvent(input, event);
  return event.type === 'settled' ? takeUp(now) : { state: { at: 'dirty', input: now } };
}

function withEvent({ touched, ...input }: MachineInput, { type }: WatchEvent): MachineInput {
  const still = touched === undefined ? {} : { touched };
  switch (type) {
    case 'touched':
      return { ...input, touched: true };
    case 'settled':
      return { ...input, saved: true };
    case 'listed':
      return { ...input, ...still, listed: true };
    case 'apply':
      return { ...input, ...still, apply: true };
    case 'planned':
    case 'applied':
    case 'stop':
      return { ...input, ...still };
    default:
      return type satisfies never;
  }
}

function takeUp(input: MachineInput): Step {
  if (input.touched === true) return { state: { at: 'dirty', input } };
  if (input.saved === true || input.listed === true) return planning(input, false);
  return input.apply === true ? applying({}, true) : { state: IDLE };
}

/** A plan takes up saves and lists; a burst that goes on, and an apply that was asked for, stay for afterwards. */
function planning({ touched, saved, listed, apply }: MachineInput, anew: boolean): Step {
  const input = { ...compact({ touched, apply }) };
  return {
    state: { at: 'planning', input },
    effect: { kind: 'plan', saved: saved === true, listed: listed === true, anew },
  };
}

function applying(input: MachineInput, asked: boolean): Step {
  return { state: { at: 'applying', input }, effect: { kind: 'apply', asked } };
}
import { compact } from '../core/compact.ts';
