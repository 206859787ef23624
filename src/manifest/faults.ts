import type { ErrorObject } from 'ajv';
import type { Problem } from '../core/diagnostic.ts';
import type { Subject } from './document.ts';
import { checkFaults, FAULTS_NAMES } from './faults-validator.gen.ts';
import type { FaultsFile } from './faults.gen.ts';
import { readable, type Finding } from './finding.ts';
import { loadSingle } from './single.ts';

export type { FaultsFile } from './faults.gen.ts';

/** Reads what an emulator is to do wrong, from YAML or JSON. Where there is an error there are no faults. Never throws. */
export function loadFaults(
  text: string,
  file: string,
): { readonly faults?: FaultsFile; readonly problems: readonly Problem[] } {
  const { value, problems } = loadSingle({ text, file }, FAULTS, WORDS);
  return { ...(value === undefined ? {} : { faults: value }), problems };
}

const WORDS = {
  several: 'faults are one document',
  severalHint: 'move it into the first',
  empty: 'there are no faults in it',
  emptyHint: 'write rules, or leave --faults out',
};

const FAULTS: Subject<FaultsFile> = {
  whole: 'the faults',
  names: FAULTS_NAMES,
  check: checkFaults,
  rule: valueRule,
  rules: backwardLengths,
};

/** What to write in place of a value that has the wrong form, by the name that it stands under. */
const WANTED: Readonly<Record<string, readonly [string, string]>> = {
  rate: ['a share of the requests', 'write 30%, or 0.3'],
  ms: ['milliseconds: one number, or two between which it lies', 'write 500, or [100, 600]'],
  status: ['a status from 400 to 599', 'write one such as 503'],
  to: ['an origin', 'write one such as http://127.0.0.1:8127'],
};

function valueRule({ instancePath }: ErrorObject): Finding | undefined {
  const [pointer = '', name = ''] = /^\/rules\/\d+\/(rate|ms|status|to)/.exec(instancePath) ?? [];
  const wanted = WANTED[name];
  if (wanted === undefined) return undefined;
  const [what, hint] = wanted;
  return { code: 'bad-value', message: `${readable(pointer)} must be ${what}`, hint, pointer, at: 'value' };
}

function backwardLengths(value: unknown): readonly Finding[] {
  if (!checkFaults(value)) return [];
  return (value.rules ?? []).flatMap(({ ms }, index): readonly Finding[] => {
    if (typeof ms !== 'object' || ms[0] <= ms[1]) return [];
    const pointer = `/rules/${index}/ms`;
    const message = `${readable(pointer)} ends before it begins`;
    return [{ code: 'bad-value', message, hint: `write [${ms[1]}, ${ms[0]}]`, pointer, at: 'value' }];
  });
}
