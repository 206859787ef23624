import type { SyncEvent } from '../core/event.ts';
import { githubReporter } from '../reporters/github.ts';
import { markdownReporter } from '../reporters/markdown/markdown.ts';
import type { Reporter } from '../reporters/reporter.ts';
import { reportAtEnd, type EndedRun } from '../reporters/run-record.ts';

/** Maximum length of a comment in characters. GitHub accepts 65,536, and the marker and the link need some of them. */
const COMMENT_CHARS = 60_000 - 1_000;
/** Maximum length of a summary, at up to three bytes per character: GitHub drops a summary of more than 1 MiB. */
const SUMMARY_CHARS = 290_000;

/** All output that the Action renders from a run's events, complete when the run has ended. */
export interface RenderedOutputs {
  readonly reporters: readonly Reporter[];
  /** Throws if the run has not ended. */
  readonly run: () => EndedRun;
  readonly comment: () => string;
  readonly summary: () => string;
  /** Workflow commands, one per line. */
  readonly annotations: () => string;
}

/**
 * Opens the reporters that render all output. `prefix` is the path of the working directory relative to the
 * repository's root, because annotations need paths relative to the root.
 */
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

/** Appends a link to the run. */
export function withLink(text: string, runUrl: string): string {
  return `${text.trimEnd()}\n\n<sub>[the run](${runUrl})</sub>\n`;
}

function withPrefix(reporter: Reporter, prefix: string): Reporter {
  if (prefix === '') return reporter;
  return { ...reporter, report: (event) => reporter.report(prefixed(event, prefix)) };
}

/** Returns the event with file paths relative to the repository's root. */
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
