import { hasErrors, type Problem } from '../core/diagnostic.ts';
import { examine, splitDocuments, type Subject } from './document.ts';
import { byPlace } from './order.ts';
import { Source } from './source.ts';
import { checkText } from './text.ts';
import { parseYaml } from './yaml.ts';

/** What is said of a file that is not one document. */
export interface Words {
  readonly several: string;
  readonly severalHint: string;
  readonly empty: string;
  readonly emptyHint: string;
}

/** Reads a file that is one document of YAML or JSON, with every problem at its place. Where there is an error there is no value. */
export function loadSingle<T>(
  { text, file }: { readonly text: string; readonly file: string },
  subject: Subject<T>,
  words: Words,
): { readonly value?: T; readonly problems: readonly Problem[] } {
  const source = new Source(file, text);
  const unfit = checkText(source);
  if (unfit.length > 0) return { problems: unfit };

  const { events, text: parsed, failures } = parseYaml(text);
  const problems = failures.map((failure) => source.tell(failure));
  const [document, ...more] = splitDocuments(events, parsed);
  for (const { marker: start = 0 } of more)
    problems.push(source.problem('bad-value', words.several, { start, end: start + 3 }, words.severalHint));
  if (document === undefined) {
    const whole = { start: 0, end: source.text.length };
    return {
      problems:
        problems.length > 0 ? problems : [source.problem('empty-manifest', words.empty, whole, words.emptyHint)],
    };
  }

  const examined = examine(document, parsed, source, subject);
  problems.push(...examined.problems);
  problems.sort(byPlace);
  if (examined.valid === undefined || hasErrors(problems)) return { problems };
  return { value: examined.valid, problems };
}
