import pc from 'picocolors';
import type { ActionKind } from '../../core/plan.ts';
import type { TerminalStyle } from '../reporter.ts';
import { relativeTime } from './relative-time.ts';
import { symbolsOf, type Symbols } from './symbols.ts';

type Paint = (text: string) => string;

/** Colors and symbols of one stream. Color never carries meaning alone, and every symbol has an ASCII form. */
export interface Style extends Symbols {
  readonly green: Paint;
  readonly yellow: Paint;
  readonly red: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
  readonly unicode: boolean;
  readonly width: number;
  /** Formats an ISO time for people. */
  readonly when: (iso: string) => string;
}

export function styleFor(stream: 'out' | 'err', { color, unicode, width, now }: TerminalStyle): Style {
  const { green, yellow, red, magenta, cyan, dim, bold } = pc.createColors(color[stream]);
  const when = (iso: string): string => relativeTime(iso, now());
  return { green, yellow, red, magenta, cyan, dim, bold, ...symbolsOf(unicode), unicode, width, when };
}

/** For each kind of action: its sign, its title in a plan, its name when done, and its color. */
export const ACTION_KINDS: Readonly<
  Record<
    ActionKind,
    {
      readonly sign: string;
      readonly title: string;
      readonly done: string;
      readonly color: 'green' | 'yellow' | 'red' | 'cyan';
    }
  >
> = {
  create: { sign: '+', title: 'create', done: 'created', color: 'green' },
  update: { sign: '~', title: 'update in place', done: 'updated', color: 'yellow' },
  replace: { sign: '-/+', title: 'replace', done: 'replaced', color: 'red' },
  delete: { sign: '-', title: 'delete', done: 'deleted', color: 'red' },
  adopt: { sign: '=', title: 'adopt', done: 'adopted', color: 'cyan' },
  forget: { sign: 'x', title: 'forget', done: 'forgotten', color: 'cyan' },
};

/** Returns milliseconds as a text in seconds with one decimal. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

export function duration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : seconds(ms);
}

export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Returns a number with thousands separators, for example 12,000. */
export function count(number: number): string {
  return number.toLocaleString('en-US');
}
