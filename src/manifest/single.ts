import { hasErrors, type Problem } from '../core/diagnostic.ts';
import { examine, splitDocuments, type Subject } from './document.ts';
import { byPlace } from './order.ts';
import { Source } from './source.ts';
import { checkText } from './text.ts';
import { parseYaml } from './yaml.ts';

/** The messages for a file that is not exactly one document. */
export interface Messages {
  readonly several: string;
  readonly severalHint: string;
  readonly empty: string;
  readonly emptyHint: string;
}

/**
 * Parses a file that must be one YAML or JSON document, and returns every problem with its position. Returns no value
 * if there is an error.
 */
export function loadSingle<T>(
  { text, file }: { readonly text: string; readonly file: string },
  subject: Subject<T>,
  messages: Messages,
): { readonly value?: T; readonly problems: readonly Problem[] } {
  const source = new Source(file, text);
  const undecodable = checkText(source);
  if (undecodable.length > 0) return { problems: undecodable };

  const { events, text: parsed, failures } = parseYaml(text);
  const problems = failures.map((failure) => source.problemAt(failure));
  const [document, ...more] = splitDocuments(events, parsed);
  for (const { marker: start = 0 } of more)
    problems.push(source.problem('bad-value', messages.several, { start, end: start + 3 }, messages.severalHint));
  if (document === undefined) {
    const whole = { start: 0, end: source.text.length };
    return {
      problems:
        problems.length > 0 ? problems : [source.problem('empty-manifest', messages.empty, whole, messages.emptyHint)],
    };
  }

  const examined = examine(document, parsed, source, subject);
  problems.push(...examined.problems);
  problems.sort(byPlace);
  if (examined.valid === undefined || hasErrors(problems)) return { problems };
  return { value: examined.valid, problems };
}
