import { compact } from '../core/compact.ts';
import { CODES, codeEntry, type Code } from '../core/codes.ts';
import type { Problem } from '../core/diagnostic.ts';
import { EXPLANATIONS } from '../explain/index.ts';
import { explanationMarkdown } from '../explain/markdown.ts';
import { escapeControlJson, escapeControl } from '../core/escape-control.ts';
import type { Reporter, Sinks } from './reporter.ts';
import { reportAtEnd, type EndedRun } from './run-record.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';
/** The base of relative paths: the working directory, which in a workflow is the root of the repository. */
const BASE = '%SRCROOT%';
/** Maximum length of a message. Longer messages are truncated, since a message may contain a whole manifest. */
const LONGEST_MESSAGE = 4_000;

/**
 * Prints SARIF 2.1.0 for code scanning. Every code is a rule, in a fixed order, so that `ruleIndex` is the same in
 * every run. A problem without a file becomes a notification, because GitHub rejects a document with a result that
 * has no location.
 */
export function sarifReporter({ out }: Sinks): Reporter {
  return reportAtEnd((run) => out(`${textInPages(sarifLog(run))}\n`));
}

function sarifLog({ version, problems, end }: EndedRun): object {
  const placed = problems.filter(({ file }) => file !== undefined);
  const unplaced = problems.filter(({ file }) => file === undefined);
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'connsync', version, rules: RULE_IDS.map(rule) } },
        invocations: [
          {
            executionSuccessful: unplaced.every(({ severity }) => severity === 'warning'),
            exitCode: end.exitCode,
            toolExecutionNotifications: unplaced.map(notification),
          },
        ],
        originalUriBaseIds: { [BASE]: { description: { text: 'The directory that connsync ran in.' } } },
        columnKind: 'utf16CodeUnits',
        results: placed.map(result),
      },
    ],
  };
}

const RULE_IDS = Object.keys(CODES) as readonly Code[];

function rule(id: Code): object {
  const { severity, title } = codeEntry(id);
  const { means, why, next } = EXPLANATIONS[id];
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: `${means} ${why}` },
    help: { text: `${means}\n\n${why}\n\n→ ${next}`, markdown: explanationMarkdown(id) },
    defaultConfiguration: { level: severity },
  };
}

function result(problem: Problem): object {
  const { code, severity, file = '' } = problem;
  const region = regionOf(problem);
  return {
    ruleId: code,
    ruleIndex: RULE_IDS.indexOf(code),
    level: severity,
    message: { text: messageOf(problem) },
    locations: [{ physicalLocation: { artifactLocation: artifactOf(file), ...compact({ region }) } }],
  };
}

function notification(problem: Problem): object {
  const { code, severity } = problem;
  return {
    descriptor: { id: code, index: RULE_IDS.indexOf(code) },
    level: severity,
    message: { text: messageOf(problem) },
  };
}

/**
 * Returns the position of a problem as a SARIF region. SARIF counts as connsync does: from 1, in UTF-16 code units,
 * with an exclusive end.
 */
function regionOf({ line, column, endLine, endColumn }: Problem): object | undefined {
  return line === undefined
    ? undefined
    : { startLine: line, startColumn: column, endLine, endColumn: column === undefined ? undefined : endColumn };
}

/** Returns the location of a file as a URI. A relative path stays relative to the working directory. */
function artifactOf(file: string): object {
  const uri = file.toWellFormed().split('/').map(encodeURIComponent).join('/');
  if (file.startsWith('/')) return { uri: `file://${uri}` };
  if (/^[A-Za-z]:\//.test(file)) return { uri: `file:///${uri.replace('%3A', ':')}` };
  return { uri, uriBaseId: BASE };
}

// Escapes links, because SARIF reads `[text](target)` as a link even in plain messages, and text from a manifest must
// not become a link.
function messageOf({ message, hint }: Problem): string {
  const text = hint === undefined ? message : `${message}\n→ ${hint}`;
  const lines = text.slice(0, LONGEST_MESSAGE).toWellFormed().split('\n').map(escapeControl);
  return lines.join('\n').replaceAll('](', '] (');
}

/** Returns JSON that can safely be embedded in HTML. */
function textInPages(document: object): string {
  return escapeControlJson(document, 2).replaceAll('<', String.raw`\u003c`);
}
