// Checks that no text uses a word or phrase of the list below, because such English reads as translated.
//
//   node .ci/check-words.mjs           checks this repository
//   node .ci/check-words.mjs FOLDER    checks another folder
//
// | files                                                   | what is checked                          |
// | ------------------------------------------------------- | ---------------------------------------- |
// | code in src/                                            | comments, strings, identifiers           |
// | code in test/                                           | comments, test names, identifiers        |
// | code in .ci/ and bench/                                 | comments, identifiers                    |
// | YAML and shell in .ci/ and bench/                       | comments                                 |
// | everything else in src/, docs/, .github/ and schemas/   | the whole text                           |
// | README.md, CHANGELOG.md, action.yml                     | the whole text                           |
//
// A line that needs such a word says why: `word-ok: reason`, in a comment on the same line.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Words and phrases; matched as whole words in any case, and across line breaks. */
const WORDS = [
  ['stands', 'stood', 'is told', 'are told', 'tells', 'told', 'mend', 'mends', 'mended'],
  ['nobody', 'somebody', 'whoever', 'all the same', 'but for', 'anew', 'can not', 'so long as it'],
].flat();
const SINGLE_WORDS = new Set(WORDS.filter((word) => !word.includes(' ')));
/** Between two words of a phrase: spaces, a line break, and what begins the next line of a comment. */
const GAP = String.raw`(?:[ \t]*\r?\n)?[ \t]*(?:\/\/|\*|#|>)?[ \t]*`;
// The longest first, so that a phrase is reported once, without the word in it.
const PHRASES = WORDS.toSorted((a, b) => b.length - a.length).map((word) => word.replaceAll(' ', `(?=\\s)${GAP}`));
const PATTERN = new RegExp(`(?<![\\p{L}\\d])(?:${PHRASES.join('|')})(?![\\p{L}\\d])`, 'giu');

const [, , root = '.'] = process.argv;
const files = [
  ...['README.md', 'CHANGELOG.md', 'action.yml'].filter((file) => existsSync(join(root, file))),
  ...['src', 'test', 'docs', '.github', 'schemas', '.ci', 'bench'].flatMap(filesIn),
];
const problems = files.flatMap(problemsIn);
if (files.length === 0) problems.push(`${root} has no file to check`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

function filesIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root === '.' ? 0 : join(root, '/').length))
    .map((file) => file.replaceAll('\\', '/'))
    .filter(
      (file) =>
        !/\.gen\.\w+$|\/node_modules\//.test(file) && /\.(?:[cm]?[jt]s|md|json|ya?ml|sh|css|html|txt)$/.test(file),
    )
    .sort();
}

function problemsIn(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const lines = text.split('\n');
  const found = partsOf(file, text).flatMap(({ start, end, isIdentifier }) =>
    isIdentifier === true
      ? wordsInIdentifier(start, text.slice(start, end))
      : wordsInText(start, text.slice(start, end)),
  );
  return found
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ offset, word }) => ({ line: text.slice(0, offset).split('\n').length, word }))
    .filter(({ line }) => !/word-ok: \S/.test(lines[line - 1]))
    .map(({ line, word }) => `${file}:${line}: ${word}`);
}

function wordsInText(start, text) {
  return Array.from(text.matchAll(PATTERN), ({ 0: word, index }) => {
    return { offset: start + index, word: word.replace(/[^\p{L}]+/gu, ' ').toLowerCase() };
  });
}

function wordsInIdentifier(offset, name) {
  const words = name.split(/(?<=[a-z\d])(?=[A-Z])|[_$#\d]+/).map((word) => word.toLowerCase());
  return words.filter((word) => SINGLE_WORDS.has(word)).map((word) => ({ offset, word }));
}

/** Returns the ranges of a file to check. */
function partsOf(file, text) {
  const [folder] = file.split('/');
  const isCode = /\.[cm]?[jt]s$/.test(file);
  const isTool = folder === '.ci' || folder === 'bench';
  if (isCode && folder !== 'docs')
    return partsOfCode(file, text, { allStrings: folder === 'src', testNames: folder === 'test' });
  if (folder === 'test' || (isTool && !/\.(?:ya?ml|sh)$/.test(file))) return [];
  if (!isTool) return [{ start: 0, end: text.length }];
  return Array.from(text.matchAll(/(?<=^|\s)#.*/gm), ({ 0: comment, index }) => ({
    start: index,
    end: index + comment.length,
  }));
}

function partsOfCode(file, text, { allStrings, testNames }) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const parts = new Map();
  const add = (start, end, isIdentifier = false) => parts.set(start, { start, end, isIdentifier });
  const visit = (node) => {
    const comments = [
      ...(ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(text, node.end) ?? []),
    ];
    for (const { pos, end } of comments) add(pos, end);
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) add(node.getStart(source), node.end, true);
    else if (isText(node) && (allStrings || (testNames && isTestName(node)))) add(node.getStart(source), node.end);
    // Includes punctuation, where the comments of an empty block are.
    for (const child of node.getChildren(source)) if (!ts.isJSDoc(child)) visit(child);
  };
  visit(source);
  return mergedLineComments([...parts.values()], text);
}

/** A phrase may continue in the line comment below. */
function mergedLineComments(parts, text) {
  const merged = [];
  for (const part of parts.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    const isContinued =
      last !== undefined &&
      [last, part].every(({ start }) => text.startsWith('//', start)) &&
      /^\s*$/.test(text.slice(last.end, part.start));
    if (isContinued) last.end = part.end;
    else merged.push(part);
  }
  return merged;
}

function isText(node) {
  return ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
}

/** Reports whether a string is the name of a test, or the label of a row in a table of tests. */
function isTestName(node) {
  const literal = ts.isStringLiteralLike(node) ? node : node.parent;
  const { parent } = literal;
  const call =
    ts.isArrayLiteralExpression(parent) && ts.isArrayLiteralExpression(parent.parent) ? parent.parent.parent : parent;
  if (!ts.isCallExpression(call)) return false;
  const isFirst = parent === call ? call.arguments[0] === literal : parent.elements[0] === literal;
  return isFirst && /^(?:test|describe)\b/.test(call.expression.getText());
}
