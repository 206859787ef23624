// Checks that every file in src/ has at most 300 lines and every function at most 60. Generated files and styles don't count.
//
//   node .ci/check-sizes.mjs                      checks this repository
//   node .ci/check-sizes.mjs FOLDER EXCEPTIONS    checks another folder, with exceptions as JSON instead of those below
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const MAX_FILE_LINES = 300;
const MAX_FUNCTION_LINES = 60;
const MAX_EXCEPTIONS = 10;

/** The lines of what is still too long, by `file` or `file:function`. An entry may only shrink. */
const EXCEPTIONS = {
  'src/apply/protocol.ts': 359,
  'src/core/planner.ts': 366,
};

const [, , root = '.', given = '{}'] = process.argv;
const exceptions = root === '.' ? EXCEPTIONS : JSON.parse(given);

const files = readdirSync(join(root, 'src'), { recursive: true })
  .map((file) => `src/${file.replaceAll('\\', '/')}`)
  .filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.gen.ts'))
  .sort();
const sizes = files.flatMap(sizesIn);
const problems = [...sizes.flatMap(problemOf), ...staleExceptions()];
if (files.length === 0) problems.push(`${join(root, 'src')} has no TypeScript file`);
for (const problem of problems) console.error(problem);
process.exitCode = problems.length === 0 ? 0 : 1;

/** Returns the size of a file and of every function in it, nested ones included. */
function sizesIn(file) {
  const text = readFileSync(join(root, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = [
    { key: file, line: 1, lines: text.split('\n').length - (text.endsWith('\n') ? 1 : 0), max: MAX_FILE_LINES },
  ];
  visit(source);
  return found;

  function visit(node) {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
      const first = source.getLineAndCharacterOfPosition(node.getStart(source)).line;
      const last = source.getLineAndCharacterOfPosition(node.end).line;
      found.push({ key: `${file}:${nameOf(node)}`, line: first + 1, lines: last - first + 1, max: MAX_FUNCTION_LINES });
    }
    ts.forEachChild(node, visit);
  }
}

/** Returns the name of a function, or of the variable, property or call that it is written in. */
function nameOf(node) {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (node.name !== undefined) return node.name.getText();
  const { parent } = node;
  if (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) || ts.isPropertyDeclaration(parent))
    return parent.name.getText();
  return ts.isCallExpression(parent) ? `argument of ${parent.expression.getText()}` : 'anonymous';
}

function problemOf({ key, line, lines, max }) {
  if (lines <= (exceptions[key] ?? max)) return [];
  const [file, name] = key.split(':');
  const what = name === undefined ? 'the file' : name;
  return [`${file}:${line}: ${what} has ${lines} lines, and at most ${exceptions[key] ?? max} are allowed`];
}

function staleExceptions() {
  const keys = Object.keys(exceptions);
  const stale = keys.flatMap((key) => {
    const isNeeded = sizes.some((size) => size.key === key && size.lines > size.max);
    return isNeeded ? [] : [`${key} no longer needs an exception. Remove it from .ci/check-sizes.mjs.`];
  });
  if (keys.length <= MAX_EXCEPTIONS) return stale;
  return [...stale, `.ci/check-sizes.mjs has ${keys.length} exceptions, and at most ${MAX_EXCEPTIONS} are allowed`];
}
