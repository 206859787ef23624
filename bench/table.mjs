/**
 * A figure is `{ what, unit, min, median }`. A judged figure also has
 * `judged: { value, unit, atMost }` or `{ value, unit, atLeast }`, or `{ value, unit }` without a goal.
 */

const HEAD = ['min', 'median', '', 'goal', ''];

/** Returns one table of all groups, with a verdict for each figure that has a goal. */
export function tableOf(groups) {
  const blocks = groups.map(({ name, figures }) => [[name, ...HEAD], ...figures.map(rowOf)]);
  const rows = blocks.flat();
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return blocks.map((block) => block.map((row) => lineOf(row, widths)).join('\n')).join('\n\n') + '\n';
}

/** Returns the figures that miss their goal. */
export function verdictSentence(groups) {
  const judged = groups.flatMap(({ figures }) => figures).filter((figure) => goalOf(figure) !== undefined);
  const missed = judged.filter((figure) => !isMet(figure));
  if (missed.length === 0) return `All ${judged.length} goals are met.`;
  const names = missed.map(({ what }) => `  ${what}`).join('\n');
  return `${missed.length} of ${judged.length} goals are missed; bench/README.md has the reasons:\n${names}`;
}

function rowOf(figure) {
  const { what, unit, min, median, judged } = figure;
  const goal = goalOf(figure);
  return [
    `  ${what}`,
    `${rounded(min)} ${unit}`,
    `${rounded(median)} ${unit}`,
    judged === undefined ? '' : `${rounded(judged.value)} ${judged.unit}`,
    goal ?? '',
    goal === undefined ? '' : isMet(figure) ? 'met' : 'MISSED',
  ];
}

function goalOf({ judged }) {
  if (judged?.atMost !== undefined) return `≤ ${judged.atMost} ${judged.unit}`;
  return judged?.atLeast === undefined ? undefined : `≥ ${judged.atLeast} ${judged.unit}`;
}

function isMet({ judged: { value, atMost = Infinity, atLeast = -Infinity } }) {
  return value <= atMost && value >= atLeast;
}

/** Formats a number with three significant digits, or with all digits before the decimal point. */
function rounded(value) {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(value >= 10 ? 1 : 2);
}

/** Aligns the first and the last column left, because they contain text, and the numbers right. */
function lineOf(row, widths) {
  const cells = row.map((cell, column) =>
    column === 0 || column === row.length - 1 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
  );
  return cells.join('   ').trimEnd();
}
