import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitKey } from '../../src/core/connection.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import type { Action } from '../../src/core/plan.ts';
import { escapeControl } from '../../src/core/escape-control.ts';
import { createBody, updateBody } from '../../src/core/wire/bodies.ts';
import { writeEndpoint } from '../../src/core/wire/endpoints.ts';
import { curlReporter } from '../../src/reporters/curl.ts';
import { githubReporter } from '../../src/reporters/github.ts';
import { markdownReporter } from '../../src/reporters/markdown/markdown.ts';
import { sarifReporter } from '../../src/reporters/sarif.ts';
import { checkSarif } from './sarif-rules.ts';
import {
  ended,
  hostile,
  hostileAction,
  hostileDrift,
  hostileProblem,
  hostileRefusal,
  loaded,
  LOOK,
  planned,
  started,
  problemEvent,
  written,
} from './samples.ts';
import { FakeCurl } from './shell.ts';

const problems = fc.array(hostileProblem, { maxLength: 4 }).map((list) => list.map(problemEvent));
const actions = fc.array(hostileAction, { maxLength: 5 });
const refusals = fc.array(hostileRefusal, { maxLength: 2 });

/** Any run of any command in which every external text is hostile. */
const hostileRun: fc.Arbitrary<readonly SyncEvent[]> = fc
  .record({
    problems,
    actions,
    refusals,
    error: hostile,
    request: hostile,
    file: hostile,
    drift: fc.array(hostileDrift, { maxLength: 4 }),
  })
  .chain(({ problems, actions, refusals, error, request, file, drift }) => {
    const outcomes = actions.map(({ kind, key }, index): SyncEvent => {
      const base = { kind, key, ms: 1, attempts: 2, retries: 1 };
      const failure = { status: 400, method: 'POST', path: request, requestId: request, message: error };
      if (index % 3 === 0) return { type: 'failed', ...base, error: failure };
      return index % 3 === 1 ? { type: 'applied', ...base } : { type: 'skipped', kind, key, ms: 0, attempts: 0 };
    });
    const counts = { applied: 1, failed: 1, skipped: 1 };
    const driftSummary = {
      type: 'drift-summary',
      target: { environment: file, site: 'datadoghq.eu' },
      summary: { 'in-sync': 1, changed: 1, missing: 1, unmanaged: 1 },
      ms: 1,
    } as const;
    return fc.constantFrom<readonly SyncEvent[]>(
      [started('validate'), loaded(2), ...problems, ended(3)],
      [started('plan'), ...problems, ...planned(actions, refusals), ended()],
      [
        started('apply'),
        ...problems,
        ...planned(actions),
        ...outcomes,
        { type: 'recorded', file, connections: 1 },
        ended(4, counts),
      ],
      [started('apply'), ...problems, ...planned(actions, refusals), ended(7, { applied: 0, failed: 0, skipped: 0 })],
      [
        started('drift'),
        ...problems,
        ...drift.map((connection): SyncEvent => ({ type: 'drift', connection })),
        driftSummary,
        ended(),
      ],
    );
  });

/**
 * Every line must be a single line for every reader, show only what it contains, and start no command in a runner
 * log.
 */
function expectInertLines(text: string): readonly string[] {
  const lines = text.split('\n');
  for (const line of lines) {
    expect(escapeControl(line)).toBe(line);
    expect(line).not.toContain('##[');
  }
  return lines;
}

describe('with hostile manifests and responses', () => {
  test('markdown contains only the tags, mentions, code and rows that connsync wrote', async () => {
    await fc.assert(
      fc.asyncProperty(hostileRun, fc.constantFrom(60_000, 1_500), async (events, maxChars) => {
        const { out } = await written((sinks) => markdownReporter(sinks, { maxChars }), events);
        const lines = expectInertLines(out);
        expect(out).not.toMatch(/[@`]/);
        expect(out.replace(/<\/?(?:code|details|summary|sub)>|<br>/g, '')).not.toMatch(/[<>]/);
        expect(out.match(/<code>/g) ?? []).toHaveLength((out.match(/<\/code>/g) ?? []).length);
        expect(out.match(/<details>/g) ?? []).toHaveLength((out.match(/^<\/details>$/gm) ?? []).length);
        // Outside code, GitHub finds mentions and issues even if they are written as entities.
        expect(out.replace(/<code>[^<]*<\/code>/g, '')).not.toMatch(/&#(?:64|35);(?!&#8203;)/);
        expect(out).not.toMatch(/:\/\/|www\.|[[\\~$]/i);
        const head = lines.find((line) => line.startsWith('| | '));
        for (const line of lines) {
          expect(line).toMatch(
            /^(?:$|### connsync |\||- |<code>|<\/?details>|<sub>|\*\*|… and |Plan: |No changes|Nothing was |Apply |Completed changes |\d+ )/,
          );
          if (line.startsWith('|')) expect(line.split('|')).toHaveLength(head?.split('|').length ?? 0);
        }
      }),
    );
  });

  test('github prints only connsync’s own commands and plain sentences', async () => {
    await fc.assert(
      fc.asyncProperty(hostileRun, async (events) => {
        const { out } = await written(githubReporter, events);
        const lines = out.split('\n').slice(0, -1);
        for (const line of lines) {
          expect(escapeControl(line)).toBe(line);
          if (!line.startsWith('::')) expect(line).toMatch(/^[A-Za-z0-9 :.,!\-&]+$/);
          // Parse like the runner: the properties end at the first `::` after the name.
          else expect(line).toMatch(/^::(?:error|warning|notice) (?:[a-zA-Z]+=[^,:]*,)*title=[a-z-]+::/);
        }
        expect(lines.filter((line) => line.startsWith('::')).length).toBeLessThanOrEqual(11);
      }),
    );
  });

  test('sarif is a valid log and harmless in a page and in a log', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostileProblem), async (list) => {
        const { out } = await written(sarifReporter, [started('validate'), ...list.map(problemEvent), ended(3)]);
        expectInertLines(out);
        expect(out).not.toMatch(/<|\]\(/);
        expect(out.isWellFormed()).toBe(true);
        checkSarif(JSON.parse(out));
      }),
    );
  });

  test('curl stays a list of commented requests, and sh only runs curl with the client’s requests', async () => {
    using curl = new FakeCurl();
    await fc.assert(
      fc.asyncProperty(actions, async (list) => {
        const sendable = list.filter(({ key }) => writeEndpoint('remove', splitKey(key)) !== undefined);
        const { out } = await written(
          (sinks) => curlReporter(sinks, LOOK),
          [started('plan'), ...planned(sendable), ended()],
        );
        const lines = expectInertLines(out);
        for (const line of lines)
          expect(line).toMatch(/^(?:$|# |#!\/bin\/sh$|set -eu$|: "|API="|curl --fail-with-body -sS -X )/);
        const { ran, calls, files } = await curl.calls(out);
        expect(ran).toEqual({ exitCode: 0, stdout: '', stderr: '' });
        expect(files).toEqual(['script.sh']);
        expect(calls.map(asRequest)).toEqual(sendable.flatMap(requestsOf));
      }),
      { numRuns: 60 },
    );
  });

  test('a refusal stays a comment', async () => {
    await fc.assert(
      fc.asyncProperty(refusals, actions, async (list, planActions) => {
        const { out } = await written(
          (sinks) => curlReporter(sinks, LOOK),
          [started('plan'), ...planned(planActions, list), ended()],
        );
        for (const line of expectInertLines(out))
          expect(line).toMatch(/^(?:$|#|set -eu$|: "|API="|curl -|exit 7$|false # )/);
      }),
    );
  });
});

interface SentRequest {
  readonly method: string | undefined;
  readonly address: string | undefined;
  readonly body?: unknown;
}

function asRequest(call: readonly string[]): SentRequest {
  expect(call.slice(0, 3)).toEqual(['--fail-with-body', '-sS', '-X']);
  expect(call.slice(5, 9)).toEqual(['-H', 'DD-API-KEY: the api key', '-H', 'DD-APPLICATION-KEY: the app key']);
  const base = { method: call[3], address: call[4] };
  if (call.length === 9) return base;
  expect(call.slice(9, 12)).toEqual(['-H', 'Content-Type: application/json', '--data-raw']);
  expect(call).toHaveLength(13);
  return { ...base, body: JSON.parse(call[12] ?? '') as unknown };
}

function requestsOf(action: Action): readonly SentRequest[] {
  const to = splitKey(action.key);
  const parsed = (body: object): unknown => JSON.parse(JSON.stringify(body));
  const write = (method: string, body: object): SentRequest => ({
    method,
    address: `http://api.test${writeEndpoint('create', to)?.path}`,
    body: parsed(body),
  });
  const remove = { method: 'DELETE', address: `http://api.test${writeEndpoint('remove', to)?.path}` };
  switch (action.kind) {
    case 'create':
      return [write('POST', createBody({ ...to, spec: action.to }))];
    case 'update':
      return action.steps.map((delta) => write('PUT', updateBody({ ...to, delta })));
    case 'replace':
      return [remove, write('POST', createBody({ ...to, spec: action.to }))];
    case 'delete':
      return [remove];
    case 'adopt':
    case 'forget':
      return [];
    default:
      return action satisfies never;
  }
}
