import { splitKey } from '../core/connection.ts';
import type { Action, Refusal } from '../core/plan.ts';
import { escapeControlJson, escapeControl } from '../core/escape-control.ts';
import { createBody, updateBody } from '../core/wire/bodies.ts';
import { writeEndpoint, type Endpoint } from '../core/wire/endpoints.ts';
import { problemLine } from './human/problem-text.ts';
import type { TerminalStyle, Reporter, Sinks } from './reporter.ts';
import { reportAtEnd, type EndedRun } from './run-record.ts';
import { insideDoubleQuotes, singleQuoted } from './shell-quote.ts';
import { styleFor } from './human/style.ts';
import { summarySentences } from './human/summary-line.ts';

/**
 * Maximum length of an argument in UTF-16 code units, each of at most three bytes. Linux limits an argument to 128 KiB.
 */
const MAX_ARGUMENT = 40_000;

/**
 * Prints the requests of a plan as a shell script, in the order of an apply with concurrency 1. The script stops at the
 * first failed request, or before any request if an apply would be refused. Prints warnings and errors on stderr.
 */
export function curlReporter({ out, err }: Sinks, terminal: TerminalStyle): Reporter {
  const style = styleFor('err', terminal);
  return reportAtEnd((run) => {
    for (const problem of run.problems)
      if (problem.severity === 'error' || !terminal.quiet) err(problemLine(problem, style));
    out(`${[...headOf(run), ...run.actions.flatMap(requestsOf)].join('\n')}\n`);
  });
}

function headOf(run: EndedRun): readonly string[] {
  const sentences = summarySentences(run).map((sentence) => `# ${sentence}`);
  // A run without a plan gets a script that fails, because an empty one would look like a plan without actions.
  if (run.planned === undefined)
    return ['#!/bin/sh', ...sentences, `exit ${run.end.exitCode === 0 ? 1 : run.end.exitCode}`];
  const { site } = run.target;
  return [
    '#!/bin/sh',
    ...sentences,
    `# The requests that connsync apply would send to ${escapeControl(site)}, in order. The script stops at the first error.`,
    ...(run.compared.length === 1 ? ['# Planned from the lockfile only, without a request to Datadog.'] : []),
    '# This script does not update the lockfile: run connsync plan afterwards.',
    'set -eu',
    ': "${DD_API_KEY:?}" "${DD_APP_KEY:?}"',
    site === 'local' ? 'API="${DD_API_URL:?}"' : `API="\${DD_API_URL:-https://api.${site}}"`,
    ...refusalLines(run.planned.refusals),
  ];
}

function refusalLines(refusals: readonly Refusal[]): readonly string[] {
  const lines = refusals.flatMap(({ message, hint }) => [
    '',
    `# An apply would be refused: ${escapeControl(message)}`,
    `# ${escapeControl(hint)}`,
  ]);
  return lines.length === 0 ? [] : [...lines, 'exit 7'];
}

function requestsOf(action: Action): readonly string[] {
  const { kind, key } = action;
  const id = splitKey(key);
  const title = `# ${kind} ${escapeControl(key)}`;
  switch (kind) {
    case 'create':
      return ['', title, curl(writeEndpoint('create', id), createBody({ ...id, spec: action.to }))];
    case 'update':
      return [
        '',
        title,
        ...action.steps.map((delta) => curl(writeEndpoint('update', id), updateBody({ ...id, delta }))),
      ];
    case 'replace':
      return [
        '',
        title,
        curl(writeEndpoint('remove', id)),
        curl(writeEndpoint('create', id), createBody({ ...id, spec: action.to })),
      ];
    case 'delete':
      return ['', title, curl(writeEndpoint('remove', id))];
    case 'adopt':
    case 'forget':
      return ['', `${title}: no request, connsync apply only records it`];
    default:
      return action satisfies never;
  }
}

function curl(endpoint: Endpoint | undefined, body?: object): string {
  if (endpoint === undefined) return "false # this id can't be part of a URL";
  const { method, path } = endpoint;
  const start = `curl --fail-with-body -sS -X ${method} "$API${insideDoubleQuotes(path)}" -H "DD-API-KEY: $DD_API_KEY" -H "DD-APPLICATION-KEY: $DD_APP_KEY"`;
  if (body === undefined) return start;
  const json = escapeControlJson(body);
  const data =
    json.length <= MAX_ARGUMENT
      ? `--data-raw ${singleQuoted(json)}`
      : `--data @- <<'END_OF_BODY'\n${json}\nEND_OF_BODY`;
  return `${start} -H 'Content-Type: application/json' ${data}`;
}
