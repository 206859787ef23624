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

/** Linux takes at most 128 KiB as one argument, and a character has up to three bytes for each of its units. */
const LONGEST_ARGUMENT = 40_000;

/**
 * The requests of a plan as a shell script: the same, in the same order, as an apply of one action at a time sends.
 * It ends at the first that is refused; where a guard refuses the plan, before the first. Warnings and errors go to stderr.
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
  // An empty script would pass for a plan without actions.
  if (run.planned === undefined)
    return ['#!/bin/sh', ...sentences, `exit ${run.end.exitCode === 0 ? 1 : run.end.exitCode}`];
  const { site } = run.target;
  return [
    '#!/bin/sh',
    ...sentences,
    `# What connsync apply would send to ${escapeControl(site)}, in order, up to the first request that is refused.`,
    ...(run.compared.length === 1 ? ['# Made from the lockfile alone: what is live was not looked at.'] : []),
    '# Nothing is recorded here: run connsync plan afterwards.',
    'set -eu',
    ': "${DD_API_KEY:?}" "${DD_APP_KEY:?}"',
    site === 'local' ? 'API="${DD_API_URL:?}"' : `API="\${DD_API_URL:-https://api.${site}}"`,
    ...refusalLines(run.planned.refusals),
  ];
}

function refusalLines(refusals: readonly Refusal[]): readonly string[] {
  const lines = refusals.flatMap(({ message, hint }) => [
    '',
    `# Refused as it stands: ${escapeControl(message)}`,
    `# ${escapeControl(hint)}`,
  ]);
  return lines.length === 0 ? [] : [...lines, 'exit 7'];
}

function requestsOf(action: Action): readonly string[] {
  const { kind, key } = action;
  const to = splitKey(key);
  const title = `# ${kind} ${escapeControl(key)}`;
  switch (kind) {
    case 'create':
      return ['', title, curl(writeEndpoint('create', to), createBody({ ...to, spec: action.to }))];
    case 'update':
      return [
        '',
        title,
        ...action.steps.map((delta) => curl(writeEndpoint('update', to), updateBody({ ...to, delta }))),
      ];
    case 'replace':
      return [
        '',
        title,
        curl(writeEndpoint('remove', to)),
        curl(writeEndpoint('create', to), createBody({ ...to, spec: action.to })),
      ];
    case 'delete':
      return ['', title, curl(writeEndpoint('remove', to))];
    case 'adopt':
    case 'forget':
      return ['', `${title}: no request, connsync apply records it`];
    default:
      return action satisfies never;
  }
}

function curl(endpoint: Endpoint | undefined, body?: object): string {
  if (endpoint === undefined) return 'false # its id can not stand in an address';
  const { method, path } = endpoint;
  const start = `curl --fail-with-body -sS -X ${method} "$API${insideDoubleQuotes(path)}" -H "DD-API-KEY: $DD_API_KEY" -H "DD-APPLICATION-KEY: $DD_APP_KEY"`;
  if (body === undefined) return start;
  const json = escapeControlJson(body);
  const data =
    json.length <= LONGEST_ARGUMENT
      ? `--data-raw ${singleQuoted(json)}`
      : `--data @- <<'END_OF_BODY'\n${json}\nEND_OF_BODY`;
  return `${start} -H 'Content-Type: application/json' ${data}`;
}
