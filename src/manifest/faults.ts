import type { ErrorObject } from 'ajv';
import { hasErrors, type Problem } from '../core/diagnostic.ts';
import { examine, splitDocuments, type Subject } from './document.ts';
import { checkFaults, FAULTS_NAMES } from './faults-validator.gen.ts';
import type { FaultsFile } from './faults.gen.ts';
import { readable, type Finding } from './finding.ts';
import { byPlace } from './order.ts';
import { Source } from './source.ts';
import { checkText } from './text.ts';
import { parseYaml } from './yaml.ts';

export type { FaultsFile } from './faults.gen.ts';

/** Reads what an emulator is to do wrong, from YAML or JSON. Where there is an error there are no faults. Never throws. */
export function loadFaults(
  text: string,
  file: string,
): { readonly faults?: FaultsFile; readonly problems: readonly Problem[] } {
  const source = new Source(file, text);
  const unfit = checkText(source);
  if (unfit.length > 0) return { problems: unfit };

  const { events, text: parsed, failures } = parseYaml(text);
  const problems = failures.map((failure) => source.tell(failure));
  const [document, ...more] = splitDocuments(events, parsed);
  for (const { marker: start = 0 } of more)
    problems.push(
      source.problem('bad-value', 'faults are one document', { start, end: start + 3 }, 'move it into the first'),
    );
  if (document === undefined) return { problems: problems.length > 0 ? problems : [emptyFaults(source)] };

  const examined = examine(document, parsed, source, FAULTS);
  problems.push(...examined.problems);
  problems.sort(byPlace);
  if (examined.valid === undefined || hasErrors(problems)) return { problems };
  return { faults: examined.valid, problems };
}

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

function emptyFaults(source: Source): Problem {
  const span = { start: 0, end: source.text.length };
  return source.problem('empty-manifest', 'there are no faults in it', span, 'write rules, or leave --faults out');
}
