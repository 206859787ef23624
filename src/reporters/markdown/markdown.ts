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
  /** Of the whole document, in UTF-16 code units. GitHub takes 65,536 in a comment. */
  readonly maxChars: number;
}

/**
 * A pull-request comment or a job summary: totals first, then whatever keeps an apply from happening, then one row an action.
 * It is cut to size by leaving out whole rows and details, which is said; totals are never left out.
 *
 * Manifests may come from a stranger's fork. Whatever they say reaches the text only through `code` and `prose`, which take
 * every meaning from it.
 */
export function markdownReporter({ out }: Sinks, { maxChars }: MarkdownOptions = { maxChars: 60_000 }): Reporter {
  return reportAtEnd((run) => out(truncateParts(headOf(run), partsOf(run), maxChars)));
}

function headOf(run: EndedRun): string {
  const { command, planned, end, recorded, drift } = run;
  const paragraphs = [`### connsync ${command}`, ...summarySentences(run), contextOf(run)];
  if ((end.failed ?? 0) + (end.skipped ?? 0) > 0 && recorded !== undefined)
    paragraphs.push(`What succeeded is recorded in ${code(recorded)}; run connsync apply again for the rest.`);
  // A review can hold an apply to it: apply --checksum.
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

/** In the order of their weight, which is the order in which room is given out. */
function partsOf({ command, problems, planned, actions, outcomes, drift }: EndedRun): readonly Part[] {
  const refused = command === 'apply' ? 'Refused, nothing was sent' : 'Refused as it stands';
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
