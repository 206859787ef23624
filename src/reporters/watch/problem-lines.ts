import type { Problem } from '../../core/diagnostic.ts';
import { escapeControl } from '../../core/escape-control.ts';
import type { Refusal } from '../../core/plan.ts';
import { failureBlock, outcomeLine } from '../human/apply-text.ts';
import { problemLine } from '../human/problem-text.ts';
import type { Style } from '../human/style.ts';
import type { OutcomeEvent } from '../run-record.ts';

/** Returns an error with its code frame. The frame shows the hint, so the hint's own line is left out. */
export function errorLines(problem: Problem, frame: string | undefined, style: Style): readonly string[] {
  const { hint: _, ...withoutHint } = problem;
  const lines = problemLine(frame === undefined ? problem : withoutHint, style)
    .trimEnd()
    .split('\n');
  return [...lines, ...(frame === undefined ? [] : frame.split('\n'))];
}

/** Returns the lines about the outcome of an action, with the next step if it failed. */
export function outcomeLines(event: OutcomeEvent, file: string | undefined, style: Style): readonly string[] {
  const [first = ''] = outcomeLine(event, 0, style).split('\n');
  const [, , next = ''] = event.type === 'failed' ? failureBlock({ ...event, file }, style).split('\n') : [];
  return next === '' ? [first] : [first, next.trim()];
}

/** Returns the reason why an apply would be refused, and the next step. */
export function refusalLines({ message, hint }: Refusal, style: Style): readonly string[] {
  return [
    `${style.red('An apply would be refused:')} ${escapeControl(message)}`,
    `${style.next} ${escapeControl(hint)}`,
  ];
}
