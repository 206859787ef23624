import { truncateParts, type Part } from './truncate.ts';
import { failurePart, outcomePart } from './apply-part.ts';
import { driftDetailPart, driftPart, driftNextSteps } from './drift-part.ts';
import { actionPart, detailPart, refusalPart } from './plan-part.ts';
import { errorPart, warningPart } from './problems-part.ts';
import { code } from './escape.ts';
import type { Reporter, Sinks } from '../reporter.ts';
import { reportAtEnd, type EndedRun } from '../run-record.ts';
import { plural } from '../human/style.ts';
import { summarySentences } from '../human/summary-line.ts';

export interface MarkdownOptions {
  /** The maximum length of the document in UTF-16 code units. GitHub allows 65,536 in a comment. */
  readonly maxChars: number;
}

/**
 * Prints a pull-request comment or job summary: first the totals, then what blocks an apply, then a table of actions.
 * To fit the size limit it leaves out whole rows and details, and says so; it never leaves out totals.
 *
 * Manifests may come from a fork of the repository. Their text enters the document only through the functions
 * of escape.ts, which escape everything that has a meaning in Markdown.
 */
export function markdownReporter({ out }: Sinks, { maxChars }: MarkdownOptions = { maxChars: 60_000 }): Reporter {
  return reportAtEnd((run) => out(truncateParts(headOf(run), partsOf(run), maxChars)));
}

function headOf(run: EndedRun): string {
  const { command, planned, end, recorded, drift } = run;
  const paragraphs = [`### connsync ${command}`, ...summarySentences(run), contextOf(run)];
  if ((end.failed ?? 0) + (end.skipped ?? 0) > 0 && recorded !== undefined)
    paragraphs.push(`Completed changes are recorded in ${code(recorded)}. Run connsync apply again for the rest.`);
  // `apply --checksum` takes this value, so that an apply makes only the reviewed changes.
  if (planned !== undefined && planned.checksum !== null && run.actions.length > 0)
    paragraphs.push(`<sub>checksum ${code(planned.checksum)}</sub>`);
  return `${paragraphs.join('\n\n')}\n${driftNextSteps(drift)}`;
}

function contextOf({ command, target, compared, loaded }: EndedRun): string {
  const read = plural(loaded.manifests, 'manifest');
  if (command === 'validate') return `${read}, offline`;
  const environment = target.environment === 'default' ? '' : `${code(target.environment)} · `;
  const sides = compared.length === 2 ? 'lockfile + live Datadog' : 'offline, lockfile only';
  return `${environment}${code(target.site)} · ${sides} · ${read}`;
}

/** Returns the parts of the document, most important first, because earlier parts get space first. */
function partsOf({ command, problems, planned, actions, outcomes, drift }: EndedRun): readonly Part[] {
  const refused = command === 'apply' ? 'Refused, nothing was sent' : 'An apply would be refused';
  return [
    errorPart(problems),
    refusalPart(planned?.refusals ?? [], refused),
    failurePart(outcomes, actions),
    outcomes.length > 0 ? outcomePart(outcomes, actions) : actionPart(actions),
    driftPart(drift),
    warningPart(problems),
    outcomes.length > 0 ? detailPart([]) : detailPart(actions),
    driftDetailPart(drift),
  ];
}
