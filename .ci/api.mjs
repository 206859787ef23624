// Writes docs/api.md: everything that src/index.ts exports, with the docstrings and declarations of the sources. Written here
// because typedoc spreads the unions of this API over hundreds of tables of members, which nobody reads.
//
//   node .ci/api.mjs           writes the page where it is stale
//   node .ci/api.mjs --check   says whether it is, writes nothing, and ends with 1
//
// A declaration on the page without a docstring is an error.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import ts from 'typescript';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const PAGE = 'docs/api.md';
const EXAMPLE = 'docs/examples/plan.ts';
const ENTRY = join(ROOT, 'src/index.ts');
/** What passes from one pass of a watch to the next: nobody outside makes one or looks into it. */
const OPAQUE = new Set(['DecisionMemory', 'LoadBytes']);
const { prettier: STYLE } = JSON.parse(read('package.json'));
const CODE = { ...STYLE, parser: 'typescript' };

const { options } = ts.parseJsonConfigFileContent(JSON.parse(read('tsconfig.json')), ts.sys, ROOT);
const program = ts.createProgram([ENTRY], options);
const checker = program.getTypeChecker();

process.exitCode = (await main(process.argv.includes('--check'))) ? 0 : 1;

async function main(check) {
  const exported = exportedSymbols();
  const all = withMentioned(exported);
  const entries = await Promise.all([...all].map((symbol) => entryOf(symbol, all)));
  const bare = entries.filter(({ doc }) => doc === '').map(({ name }) => name);
  if (bare.length > 0) {
    console.log(`no docstring: ${bare.join(', ')}`);
    return false;
  }
  const text = await format(page(entries, exported), { ...STYLE, parser: 'markdown' });
  if (existsSync(join(ROOT, PAGE)) && text === read(PAGE)) return true;
  if (!check) writeFileSync(join(ROOT, PAGE), text);
  console.log(check ? `stale: ${PAGE} (run node .ci/api.mjs)` : `wrote ${PAGE}`);
  return !check;
}

/** What src/index.ts exports, as the symbols of the files that declare it. */
function exportedSymbols() {
  const module = checker.getSymbolAtLocation(program.getSourceFile(ENTRY));
  return new Set(checker.getExportsOfModule(module).map(origin));
}

/** These, and every type of ours that their declarations mention, and those of theirs. */
function withMentioned(symbols) {
  const all = new Set(symbols);
  // Grows while it is walked.
  for (const symbol of all) if (!OPAQUE.has(symbol.name)) for (const other of mentionsOf(symbol)) all.add(other);
  return all;
}

function mentionsOf(symbol) {
  const found = new Set();
  const visit = (node) => {
    // Bodies and private members are nobody's business.
    if (ts.isBlock(node) || ts.isPrivateIdentifier(node)) return;
    if (ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node)) {
      const named = origin(checker.getSymbolAtLocation(node.typeName ?? node.expression));
      const at = named.declarations?.[0];
      const isOurs = at !== undefined && at.getSourceFile().fileName.startsWith(join(ROOT, 'src'));
      if (isOurs && !ts.isTypeParameterDeclaration(at)) found.add(named);
    }
    ts.forEachChild(node, visit);
  };
  visit(declarationOf(symbol));
  return found;
}

function origin(symbol) {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function declarationOf(symbol) {
  return symbol.declarations[0];
}

async function entryOf(symbol, all) {
  const node = declarationOf(symbol);
  return {
    symbol,
    name: symbol.name,
    file: relative(ROOT, node.getSourceFile().fileName),
    isCode: ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node),
    doc: docOf(node),
    ...(await shownAs(node)),
    mentions: [...mentionsOf(symbol)].filter((other) => other !== symbol && all.has(other)).map(({ name }) => name),
  };
}

/** The docstring as Markdown. */
function docOf(node) {
  const comment = node.jsDoc?.at(-1)?.getText() ?? '';
  return comment
    .replace(/^\/\*\*\s?/, '')
    .replace(/\s*\*\/$/, '')
    .replaceAll(/^ *\* ?/gm, '')
    .trim();
}

async function shownAs(node) {
  // What is made of a table is told as what comes out of it, in as few lines as it takes.
  if (ts.isTypeAliasDeclaration(node) && ts.isTypeOperatorNode(node.type)) {
    const { types } = checker.getTypeAtLocation(node);
    return { language: 'text', code: wrapped(types.map(({ value }) => value)) };
  }
  return { language: 'ts', code: await format(codeOf(node), { ...CODE, printWidth: 100 }) };
}

function wrapped(words) {
  const lines = [''];
  for (const word of words) {
    if (lines.at(-1).length + word.length > 100) lines.push('');
    lines[lines.length - 1] += `${word}  `;
  }
  return lines.map((line) => line.trim()).join('\n');
}

/** The declaration without its docstring and without anything that runs. */
function codeOf(node) {
  const text = node.getText();
  if (ts.isFunctionDeclaration(node)) return `${text.slice(0, node.body.getStart() - node.getStart()).trim()};`;
  if (ts.isClassDeclaration(node)) {
    const head = text.slice(0, node.members[0].getFullStart() - node.getStart());
    return `${head}\n${node.members.map(memberCode).join('\n')}\n}`;
  }
  return text;
}

function memberCode(member) {
  const doc = member.jsDoc?.at(-1)?.getText() ?? '';
  const text = member.getText().slice(0, (member.body?.getStart() ?? member.end) - member.getStart());
  return `${doc}\n${text.trim().replace(/;$/, '')};`;
}

function page(entries, exported) {
  const isPort = ({ file }) => file === 'src/core/ports.ts';
  const isExported = ({ symbol }) => exported.has(symbol);
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const own = sorted.filter(isExported);
  const groups = [
    ['Functions', '', own.filter(({ isCode }) => isCode)],
    [
      'What you bring: the ports',
      'The command line brings files and HTTP; they are no part of the library. A program brings its own.',
      own.filter(isPort),
    ],
    ['Values', '', own.filter((entry) => !entry.isCode && !isPort(entry))],
    [
      'Also mentioned',
      'Not exported by name; the declarations above are made of them.',
      sorted.filter((entry) => !isExported(entry)),
    ],
  ];
  return `<!-- Generated by .ci/api.mjs from src/index.ts and ${EXAMPLE}; change those and run \`node .ci/api.mjs\`. -->

# connsync as a library

\`import … from 'connsync'\`: an ES module with types, for Node 20.19 and newer. It decides, and has no effects: no disk, network, clock or environment. Whatever it needs of the world comes in by argument.
Times are in milliseconds, paths have forward slashes, lines and columns count from 1. An expected failure is thrown as a [\`Failure\`](#failure); a function that says nothing of one throws none.
Until 1.0 anything here may change with a minor version.

\`\`\`ts
${read(EXAMPLE).trim()}
\`\`\`

${groups.map(([title, , some]) => `- **${title}:** ${some.map(({ name }) => link(name)).join(', ')}`).join('\n')}

${groups.map(([title, intro, some]) => `## ${title}\n\n${intro}\n\n${some.map(entryText).join('\n\n')}`).join('\n\n')}
`;
}

function entryText({ name, doc, language, code, mentions, file }) {
  const see = [...mentions.toSorted().map(link), `[${file}](../${file})`].join(' · ');
  return `### ${name}\n\n${doc}\n\n\`\`\`${language}\n${code.trim().replaceAll(/^export /gm, '')}\n\`\`\`\n\n${see}`;
}

function link(name) {
  return `[\`${name}\`](#${name.toLowerCase()})`;
}

function read(file) {
  return readFileSync(join(ROOT, file), 'utf8').replaceAll('\r\n', '\n');
}
