import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { IDLE, next, type Effect, type State, type WatchEvent } from '../../src/watch/machine.ts';

const PLAN = { kind: 'plan', saved: false, listed: false, relist: false } as const;
const APPLY = { kind: 'apply', requested: false } as const;
const END = { kind: 'end' } as const;
const dirty: State = { at: 'dirty', input: { touched: true } };
const planning: State = { at: 'planning', input: {} };
const applying: State = { at: 'applying', input: {} };
const stopping: State = { at: 'stopping' };
const planned = { type: 'planned', due: false } as const;

describe('the state machine, in each cell of its table', () => {
  test.each<readonly [State, WatchEvent, State, Effect | undefined]>([
    [IDLE, { type: 'touched' }, dirty, undefined],
    [IDLE, { type: 'settled' }, planning, { ...PLAN, saved: true }],
    [IDLE, { type: 'listed' }, planning, { ...PLAN, listed: true }],
    [IDLE, { type: 'apply' }, applying, { ...APPLY, requested: true }],
    [IDLE, planned, IDLE, undefined],
    [IDLE, { type: 'stop' }, stopping, END],
    [dirty, { type: 'touched' }, dirty, undefined],
    [dirty, { type: 'settled' }, planning, { ...PLAN, saved: true }],
    [dirty, { type: 'listed' }, { at: 'dirty', input: { touched: true, listed: true } }, undefined],
    [dirty, { type: 'apply' }, { at: 'dirty', input: { touched: true, apply: true } }, undefined],
    [dirty, { type: 'stop' }, stopping, END],
    [planning, { type: 'touched' }, { at: 'planning', input: { touched: true } }, undefined],
    [planning, { type: 'settled' }, { at: 'planning', input: { saved: true } }, undefined],
    [planning, { type: 'listed' }, { at: 'planning', input: { listed: true } }, undefined],
    [planning, { type: 'apply' }, { at: 'planning', input: { apply: true } }, undefined],
    [planning, planned, IDLE, undefined],
    [planning, { type: 'planned', due: true }, applying, APPLY],
    [planning, { type: 'stop' }, stopping, undefined],
    [applying, { type: 'touched' }, { at: 'applying', input: { touched: true } }, undefined],
    [applying, { type: 'settled' }, { at: 'applying', input: { saved: true } }, undefined],
    [applying, { type: 'applied' }, planning, { ...PLAN, relist: true }],
    [applying, { type: 'stop' }, stopping, undefined],
    [stopping, { type: 'settled' }, stopping, undefined],
    [stopping, { type: 'apply' }, stopping, undefined],
    [stopping, { type: 'planned', due: true }, stopping, END],
    [stopping, { type: 'applied' }, stopping, END],
  ])('%j, %j', (state, event, to, effect) => {
    expect(next(state, event)).toEqual(effect === undefined ? { state: to } : { state: to, effect });
  });

  test.each<readonly [State, State, Effect | undefined]>([
    [{ at: 'planning', input: { touched: true } }, { at: 'dirty', input: { touched: true } }, undefined],
    [{ at: 'planning', input: { saved: true } }, planning, { ...PLAN, saved: true }],
    [
      { at: 'planning', input: { touched: true, saved: true } },
      { at: 'dirty', input: { touched: true, saved: true } },
      undefined,
    ],
    [
      { at: 'planning', input: { saved: true, apply: true } },
      { at: 'planning', input: { apply: true } },
      { ...PLAN, saved: true },
    ],
    [{ at: 'planning', input: { apply: true } }, applying, { ...APPLY, requested: true }],
  ])('handles an event that came during a plan after the plan: %j', (state, to, effect) => {
    expect(next(state, planned)).toEqual(effect === undefined ? { state: to } : { state: to, effect });
  });
});

/** Simulates the environment of the state machine: work in progress ends at some time, and bursts settle. */
const step = fc.constantFrom<'touch' | 'settle' | 'list' | 'ask' | 'end' | 'endDue' | 'stop'>(
  'touch',
  'touch',
  'settle',
  'settle',
  'list',
  'ask',
  'end',
  'end',
  'endDue',
  'stop',
);

interface Run {
  state: State;
  under: Effect | undefined;
  effects: Effect[];
  /** A burst is in progress. */
  burst: boolean;
  /** A save happened after the last plan started. */
  unplanned: boolean;
  ended: number;
}

function send(run: Run, event: WatchEvent): void {
  const { state, effect } = next(run.state, event);
  run.state = state;
  if (effect === undefined) return;
  expect(run.ended).toBe(0);
  expect(run.under).toBeUndefined();
  run.effects.push(effect);
  if (effect.kind === 'end') run.ended += 1;
  else run.under = effect;
  if (effect.kind === 'plan' && effect.saved) run.unplanned = false;
}

function end(run: Run, due: boolean): void {
  const { under } = run;
  if (under === undefined) return;
  run.under = undefined;
  send(run, under.kind === 'plan' ? { type: 'planned', due } : { type: 'applied' });
}

function play(steps: readonly string[]): Run {
  const run: Run = { state: IDLE, under: undefined, effects: [], burst: false, unplanned: false, ended: 0 };
  for (const each of steps) {
    if (each === 'touch') {
      if (!run.burst) send(run, { type: 'touched' });
      run.burst = true;
    }
    if (each === 'settle') {
      if (run.ended === 0 && run.state.at !== 'stopping') run.unplanned = true;
      run.burst = false;
      send(run, { type: 'settled' });
    }
    if (each === 'list') send(run, { type: 'listed' });
    if (each === 'ask') send(run, { type: 'apply' });
    if (each === 'end' || each === 'endDue') end(run, each === 'endDue');
    if (each === 'stop') send(run, run.ended > 0 ? { type: 'touched' } : { type: 'stop' });
  }
  return run;
}

describe('the state machine, for any sequence of events', () => {
  const withoutStop = fc.array(
    step.filter((each) => each !== 'stop'),
    { maxLength: 60 },
  );

  test('runs at most one plan or apply at a time, and none after it has left', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => void play(steps)));
  });

  test('plans the last save and then rests', () => {
    fc.assert(
      fc.property(withoutStop, (steps) => {
        const run = play([...steps, 'settle']);
        for (let ends = 0; ends < 10 && run.under !== undefined; ends += 1) end(run, false);
        expect(run.unplanned).toBe(false);
        expect(run.state).toEqual(IDLE);
      }),
    );
  });

  test('ends on a stop once the work in progress has ended', () => {
    fc.assert(
      fc.property(
        withoutStop,
        fc.array(
          step.filter((each) => each !== 'stop'),
          { maxLength: 20 },
        ),
        (before, after) => {
          const run = play([...before]);
          const { length } = run.effects;
          send(run, { type: 'stop' });
          for (const each of after) {
            if (each === 'touch') send(run, { type: 'touched' });
            if (each === 'settle') send(run, { type: 'settled' });
            if (each === 'list') send(run, { type: 'listed' });
            if (each === 'ask') send(run, { type: 'apply' });
          }
          end(run, true);
          expect(run.ended).toBe(1);
          expect(run.effects.slice(length)).toEqual([END]);
        },
      ),
    );
  });

  test('performs a requested apply exactly once', () => {
    fc.assert(
      fc.property(
        withoutStop.map((steps) => steps.filter((each) => each !== 'ask' && each !== 'endDue')),
        (steps) => {
          const run = play([...steps, 'ask', 'settle']);
          for (let ends = 0; ends < 10 && run.under !== undefined; ends += 1) end(run, false);
          expect(run.effects.filter(({ kind }) => kind === 'apply')).toEqual([{ kind: 'apply', requested: true }]);
        },
      ),
    );
  });
});
