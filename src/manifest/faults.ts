import { compact } from '../core/compact.ts';
import type { ErrorObject } from 'ajv';
import type { Problem } from '../core/diagnostic.ts';
import type { Subject } from './document.ts';
import { checkFaults, FAULTS_NAMES } from './faults-validator.gen.ts';
import type { FaultsFile } from './faults.gen.ts';
import { readable, type Finding } from './finding.ts';
import { loadSingle } from './single.ts';

export type { FaultsFile } from './faults.gen.ts';

/** Parses the fault rules of an emulator, from YAML or JSON. Returns no faults if there is an error. Never throws. */
export function loadFaults(
  text: string,
  file: string,
): { readonly faults?: FaultsFile; readonly problems: readonly Problem[] } {
  const { value, problems } = loadSingle({ text, file }, FAULTS, MESSAGES);
  return { ...compact({ faults: value }), problems };
}

const MESSAGES = {
  several: 'a file of faults must contain one document',
  severalHint: 'move it into the first document',
  empty: 'the file contains no faults',
  emptyHint: 'write rules, or remove --faults',
};

const FAULTS: Subject<FaultsFile> = {
  whole: 'the faults',
  names: FAULTS_NAMES,
  check: checkFaults,
  rule: valueRule,
  rules: backwardLengths,
};

/** Hints for values in the wrong format, by property name. */
const EXPECTED: Readonly<Record<string, readonly [string, string]>> = {
  rate: ['a share of the requests', 'write 30%, or 0.3'],
  ms: ['milliseconds: one number, or a range of two', 'write 500, or [100, 600]'],
  status: ['a status from 400 to 599', 'write a status such as 503'],
  to: ['an origin', 'write an origin such as http://127.0.0.1:8127'],
};

function valueRule({ instancePath }: ErrorObject): Finding | undefined {
  const [pointer = '', name = ''] = /^\/rules\/\d+\/(rate|ms|status|to)/.exec(instancePath) ?? [];
  const expected = EXPECTED[name];
  if (expected === undefined) return undefined;
  const [what, hint] = expected;
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
