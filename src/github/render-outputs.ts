import type { SyncEvent } from '../core/event.ts';
import { githubReporter } from '../reporters/github.ts';
import { markdownReporter } from '../reporters/markdown/markdown.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { reportAtEnd, type EndedRun } from '../reporters/run-record.ts';

/** Characters of a comment; GitHub takes 65,536, and the marker and the link need some. */
const COMMENT_CHARS = 60_000 - 1_000;
/** Characters of a summary, each of at most three bytes: over 1 MiB GitHub drops it whole. */
const SUMMARY_CHARS = 290_000;

/** Everything that the Action makes of a run's events, complete once the run has ended. */
export interface RenderedOutputs {
  readonly reporters: readonly Reporter[];
  /** Throws where the run has not ended. */
  readonly run: () => EndedRun;
  readonly comment: () => string;
  readonly summary: () => string;
  /** Workflow commands, a line each. */
  readonly annotations: () => string;
}

/** `prefix`: the working directory from the repository's root, since annotations name files from there. */
export function openOutputRenderer(prefix: string): RenderedOutputs {
  let run: EndedRun | undefined;
  const texts = { comment: '', summary: '', annotations: '' };
  const into = (name: keyof typeof texts) => ({
    out: (text: string): void => void (texts[name] += text),
    err: (): void => {},
  });
  const reporters = [
    reportAtEnd((ended) => void (run = ended)),
    markdownReporter(into('comment'), { maxChars: COMMENT_CHARS }),
    markdownReporter(into('summary'), { maxChars: SUMMARY_CHARS }),
    withPrefix(githubReporter(into('annotations')), prefix),
  ];
  return {
    reporters,
    run: () => {
      if (run === undefined) throw new Error('the run has not ended');
      return run;
    },
    comment: () => texts.comment,
    summary: () => texts.summary,
    annotations: () => texts.annotations,
  };
}

/** A link to the run below a text. */
export function withLink(text: string, runUrl: string): string {
  return `${text.trimEnd()}\n\n<sub>[the run](${runUrl})</sub>\n`;
}

function withPrefix(reporter: Reporter, prefix: string): Reporter {
  if (prefix === '') return reporter;
  return { ...reporter, report: (event) => reporter.report(prefixed(event, prefix)) };
}

/** The same event with files named from the repository's root. */
function prefixed(event: SyncEvent, prefix: string): SyncEvent {
  const of = <T extends { readonly file?: string }>(value: T): T =>
    value.file === undefined ? value : { ...value, file: `${prefix}/${value.file}` };
  switch (event.type) {
    case 'problem':
      return { ...event, problem: of(event.problem) };
    case 'action':
      return { ...event, action: of(event.action) };
    case 'drift':
      return { ...event, connection: of(event.connection) };
    default:
      return event;
  }
}
