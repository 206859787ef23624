// Draws docs/demo.svg from what the built `connsync demo` really prints.
//
//   node .ci/picture.mjs           writes it
//   node .ci/picture.mjs --check   writes nothing, and ends with 1 where it is stale
//
// Only three things are touched, so that the picture is the same bytes every time and fits on a screen: durations become
// fixed ones, lines of what ended at the same time are sorted, and most blocks of a plan are folded into one line that
// says so.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PICTURE = join(ROOT, 'docs', 'demo.svg');
const CLI = join(ROOT, 'dist', 'cli.cjs');

/** Blocks of the first plan that are shown whole; later plans repeat them. */
const BLOCKS_SHOWN = 2;

/** In pixels. Letters are squeezed or stretched to the column width, whatever font the reader has. */
const COLUMN = 8.4;
const ROW = 20;
const MARGIN = 20;

const ESCAPE = String.fromCodePoint(27);
/** Splits a line into text, style code, text, style code, … */
const STYLE = new RegExp(`${ESCAPE}\\[(\\d+)m`);
const STYLES = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow', 35: 'magenta', 36: 'cyan' };
/** What ends a style: 22 ends bold and dim, 39 any colour. */
const ENDS = { 22: ['bold', 'dim'], 39: ['red', 'green', 'yellow', 'magenta', 'cyan'] };

main(process.argv.slice(2));

function main(args) {
  if (!existsSync(CLI)) return fail('dist/ is missing: npm run build');
  const picture = draw(folded(steadied(demo())));
  const old = existsSync(PICTURE) ? readFileSync(PICTURE, 'utf8').replaceAll('\r\n', '\n') : undefined;
  if (picture === old) return;
  if (args.includes('--check')) return fail('stale: docs/demo.svg (run npm run build && node .ci/picture.mjs)');
  mkdirSync(dirname(PICTURE), { recursive: true });
  writeFileSync(PICTURE, picture);
  console.log('wrote docs/demo.svg');
}

function fail(why) {
  console.error(why);
  process.exitCode = 1;
}

/** Nothing of this machine's environment may reach the picture. */
function demo() {
  const env = { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, FORCE_COLOR: '1' };
  const text = execFileSync(process.execPath, [CLI, 'demo'], { env, encoding: 'utf8' });
  return text.trim().split('\n');
}

function steadied(lines) {
  const steady = lines.map((line) => line.replace(/\b\d+ ms\b/g, '20 ms').replace(/\b\d+\.\d s\b/g, '0.1 s'));
  const sorted = [];
  for (let start = 0, end = 0; start < steady.length; start = end) {
    for (end = start + 1; isOutcome(steady[start]) && isOutcome(steady[end]);) end += 1;
    sorted.push(...steady.slice(start, end).sort());
  }
  return sorted;
}

function isOutcome(line = '') {
  return /^✓ \S+\/\S+ .* s$/.test(plain(line));
}

/** An apply shows its plan again: what was shown already is folded too. */
function folded(lines) {
  const kept = [];
  const seen = new Set();
  let more = 0;
  let again = 0;
  for (const block of blocks(lines)) {
    const text = block.join('\n');
    if (plain(text).startsWith('+ ')) {
      if (seen.has(text)) again += 1;
      else if (seen.size >= BLOCKS_SHOWN) more += 1;
      else kept.push(...block);
      seen.add(text);
      continue;
    }
    if (more > 0) kept.push(dim(`… ${more} more`), '');
    if (again > 0) kept.push(dim(`… ${again} as above`), '');
    more = again = 0;
    kept.push(...block);
  }
  return kept;
}

function dim(text) {
  return `${ESCAPE}[2m${text}${ESCAPE}[22m`;
}

/** Lines up to and with an empty one. */
function blocks(lines) {
  const all = [[]];
  for (const line of lines) {
    all.at(-1).push(line);
    if (line === '') all.push([]);
  }
  return all.filter((block) => block.length > 0);
}

function draw(lines) {
  const columns = Math.max(...lines.map((line) => plain(line).length));
  const width = Math.ceil(columns * COLUMN) + 2 * MARGIN;
  const height = lines.length * ROW + 2 * MARGIN;
  const rows = lines.map((line, row) =>
    words(line)
      .map((word) => drawWord(word, row))
      .join(''),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
<title id="title">connsync demo: validate, plan, apply, and a second plan that finds no changes</title>
<style>
  rect { fill: #0d1117; stroke: #484f58; }
  text { fill: #e6edf3; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; }
  .bold { font-weight: 700; }
  .dim { fill: #9198a1; }
  .red { fill: #ff7b72; }
  .green { fill: #3fb950; }
  .yellow { fill: #d29922; }
  .magenta { fill: #d2a8ff; }
  .cyan { fill: #39c5cf; }
</style>
<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${rows.filter((row) => row !== '').join('\n')}
</svg>
`;
}

/** Runs of text without a gap, each with its column and classes, so that every column stays where it is. */
function words(line) {
  const found = [];
  const classes = new Set();
  let column = 0;
  for (const [index, part] of line.split(STYLE).entries()) {
    if (index % 2 === 1) restyle(classes, part);
    else {
      for (const { 0: text, index: offset } of part.matchAll(/\S+(?: \S+)*/g))
        found.push({ column: column + offset, text, classes: [...classes].join(' ') });
      column += part.length;
    }
  }
  return found;
}

function restyle(classes, code) {
  if (code in STYLES) classes.add(STYLES[code]);
  for (const name of ENDS[code] ?? []) classes.delete(name);
}

function drawWord({ column, text, classes }, row) {
  const x = round(MARGIN + column * COLUMN);
  const y = round(MARGIN + (row + 0.75) * ROW);
  const look = classes === '' ? '' : ` class="${classes}"`;
  return `<text x="${x}" y="${y}" textLength="${round(text.length * COLUMN)}" lengthAdjust="spacingAndGlyphs"${look}>${escaped(text)}</text>`;
}

function round(number) {
  return Number(number.toFixed(1));
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function plain(line) {
  return line
    .split(STYLE)
    .filter((_, index) => index % 2 === 0)
    .join('');
}
