import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { problem } from '../../src/core/diagnostic.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import { planActions } from '../../src/core/planner.ts';
import type { PageData } from '../../src/page/document.ts';
import { MAX_RUNS } from '../../src/page/history.ts';
import { openHtml } from '../../src/page/html.ts';
import { openPage, pageData, type Page } from '../../src/page/page.ts';
import { byKey, desired, spec } from '../core/samples.ts';
import { planned, started, problemEvent } from '../reporters/samples.ts';

const HTML = openHtml(readFileSync(join(import.meta.dirname, '../../dist/page.html'), 'utf8'));

function opened(redact: (text: string) => string = (text) => text): Page {
  let now = Date.parse('2026-11-25T10:00:00Z');
  return openPage({ kind: 'watch', version: '1.2.3', redact, draw: () => undefined, now: () => (now += 1000) });
}

function tell(page: Page, ...events: readonly SyncEvent[]): void {
  for (const event of events) page.report(event);
}

describe('the history', () => {
  test('has plans, applies, drift and failed plans, newest first', () => {
    const page = opened();
    tell(page, started('watch'), { type: 'files-changed', files: ['a.yaml', 'b.yaml'] }, ...planned([]));
    tell(page, { type: 'started', kind: 'create', key: 'users/a' });
    expect(page.status().running).toEqual(['users/a']);
    tell(page, { type: 'applied', kind: 'create', key: 'users/a', ms: 1, attempts: 1, retries: 0 });
    tell(page, { type: 'skipped', kind: 'update', key: 'users/b', ms: 0, attempts: 0 });
    tell(page, problemEvent(problem('yaml-syntax', 'no')), { type: 'plan-skipped' });
    tell(page, {
      type: 'drift',
      connection: { key: 'users/a', state: 'changed', changes: [], updatedBy: 'ana@acme.example', sides: {} },
    });
    expect(page.status().running).toEqual([]);
    expect(page.status().runs).toMatchObject([
      { kind: 'drift', name: 'users/a', state: 'changed', by: 'ana@acme.example' },
      { kind: 'plan-skipped', errors: 1 },
      { kind: 'apply', applied: 1, failed: 0, skipped: 1 },
      { kind: 'plan', files: ['a.yaml', 'b.yaml'], again: 0 },
    ]);
  });

  test('counts a drift check with the same plan instead of adding a run', () => {
    const page = opened();
    for (let time = 0; time < 5; time += 1) tell(page, ...planned([]));
    expect(page.status().runs).toMatchObject([{ kind: 'plan', again: 4 }]);
    // Also if drift was reported after it.
    tell(page, { type: 'drift', connection: { key: 'users/a', state: 'missing', changes: [], sides: {} } });
    tell(page, ...planned([]));
    expect(page.status().runs).toMatchObject([{ kind: 'drift' }, { kind: 'plan', again: 5 }]);
    tell(page, { type: 'files-changed', files: ['a.yaml'] }, ...planned([]));
    expect(page.status().runs).toHaveLength(3);
  });

  test('has the same size after a week of runs as after a hundred', () => {
    const page = opened();
    const size = (): number => JSON.stringify(pageData(page)).length;
    const live = (number: number): readonly SyncEvent[] => [
      { type: 'files-changed', files: Array.from({ length: 50 }, (_, index) => `connections/${index}.yaml`) },
      problemEvent(problem('unreachable', `try ${number % 2}`)),
      ...planned([]),
      { type: 'rate-limit', name: `limit ${number % 20}`, remaining: 1, limit: 10, resetsInMs: 1000 },
    ];
    for (let number = 0; number < MAX_RUNS; number += 1) tell(page, ...live(number));
    const before = size();
    for (let number = 0; number < 2_000; number += 1) tell(page, ...live(number));
    expect(page.status().runs).toHaveLength(MAX_RUNS);
    expect(page.status().limits.length).toBeLessThanOrEqual(8);
    expect(size()).toBe(before);
  });

  test('removes a problem when it is fixed', () => {
    const page = opened();
    const codes = (): readonly string[] => page.document().problems.map(({ code }) => code);
    tell(page, started('watch'), ...planned([]));
    for (let time = 0; time < 3; time += 1)
      tell(
        page,
        { type: 'problem', problem: problem('unreachable', 'no answer'), phase: 'poll' },
        { type: 'scheduled', ms: 1000 },
      );
    expect(codes()).toEqual(['unreachable']);
    page.begins();
    tell(page, problemEvent(problem('orphan', 'left alone')), ...planned([]));
    expect(codes()).toEqual(['orphan']);
  });
});

describe('a failure of an apply', () => {
  const HELD: SyncEvent = {
    type: 'problem',
    problem: problem('lock-held', 'connections.lock is held by watch'),
    phase: 'apply',
  };
  const codes = (page: Page): readonly string[] => page.document().problems.map(({ code }) => code);

  test('is shown with the plan that follows it, and removed with the next', () => {
    const page = opened();
    page.begins();
    tell(page, started('watch'), problemEvent(problem('orphan', 'left alone')), ...planned([]), HELD);
    expect(codes(page)).toEqual(['lock-held', 'orphan']);
    page.begins();
    expect(codes(page)).toContain('lock-held');
    tell(page, problemEvent(problem('orphan', 'left alone')), ...planned([]));
    expect(codes(page)).toEqual(['lock-held', 'orphan']);
    page.begins();
    tell(page, ...planned([]));
    expect(codes(page)).toEqual([]);
  });

  test('is shown until something is planned, however often planning fails', () => {
    const page = opened();
    tell(page, started('watch'), ...planned([]), HELD);
    for (let time = 0; time < 3; time += 1) page.begins();
    expect(codes(page)).toEqual(['lock-held']);
    tell(page, { type: 'plan-skipped' });
    expect(codes(page)).toEqual(['lock-held']);
    page.begins();
    tell(page, { type: 'plan-skipped' });
    expect(codes(page)).toEqual([]);
  });

  test('is kept apart from a failed list of Datadog, which a successful list removes', () => {
    const page = opened();
    tell(page, started('watch'), ...planned([]), HELD, {
      type: 'problem',
      problem: problem('unreachable', 'no answer'),
      phase: 'poll',
    });
    tell(page, { type: 'scheduled', ms: 1000 });
    expect(codes(page)).toEqual(['lock-held', 'unreachable']);
    page.begins();
    tell(page, ...planned([]));
    expect(codes(page)).toEqual(['lock-held']);
  });
});

/** The data as a browser reads it: the text between its two tags. */
function found(html: string): PageData {
  const from = html.indexOf('id="data">') + 'id="data">'.length;
  return JSON.parse(html.slice(from, html.indexOf('</script', from))) as PageData;
}

const HOSTILE = fc.array(
  fc.oneof(
    fc.constantFrom(
      '</script>',
      '<!--',
      '<script>',
      '\u2028',
      '\u202E',
      '\u0000',
      '\uD800',
      '$&',
      "$'",
      '\\',
      '"',
      '&lt;',
      '##[',
    ),
    fc.string({ unit: 'binary', maxLength: 4 }),
  ),
);

describe('a page with embedded data', () => {
  test('gives back any data, and contains no bidirectional control characters', () => {
    fc.assert(
      fc.property(HOSTILE, (parts) => {
        const text = parts.join('');
        const page = opened();
        const to = desired('users/a', spec({ join_attribute: text, metadata: { [`m${text}`]: text } }));
        const sides = { desired: byKey(to), recorded: new Map(), live: new Map() };
        tell(page, started('report'), problemEvent(problem('drift', text, { hint: text, file: text })));
        page.saw({
          planned: { ...sides, plan: planActions({ ...sides, prune: false, onDrift: 'revert' }) },
          refusals: [{ code: 'takeover', message: text, hint: text, keys: ['users/a'] }],
        });
        const html = HTML.withData(pageData(page));
        expect(found(html)).toEqual(pageData(page));
        // Each script ends where it was built to end: there are as many tags as without data.
        expect(html.match(/<\/?script|<!--/gi)).toHaveLength(4);
        expect(html).not.toMatch(/[\u0000\u202A-\u202E\u2066-\u2069\u2028\u2029]/);
        expect(JSON.stringify(pageData(page))).not.toMatch(/\\u202e|\\u2028/);
      }),
    );
  });

  test('has the policy of a served page, except what only a header can set', () => {
    const [, policy = ''] =
      /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(HTML.withData(pageData(opened()))) ?? [];
    expect(HTML.policy).toBe(`${policy}; connect-src 'self'; frame-ancestors 'none'`);
  });

  test('contains no secret in any text', () => {
    const page = opened((text) => text.replaceAll('hunter2', '[redacted]'));
    const secret = 'hunter2';
    tell(page, started('report', secret), problemEvent(problem('drift', secret, { hint: secret, file: secret })));
    tell(
      page,
      { type: 'waiting', reason: secret, ms: 1 },
      { type: 'rate-limit', name: secret, remaining: 1, limit: 1, resetsInMs: 1 },
    );
    tell(
      page,
      { type: 'files-changed', files: [secret] },
      { type: 'started', kind: 'create', key: secret },
      ...planned([]),
    );
    expect(JSON.stringify(pageData(page))).not.toContain(secret);
  });
});
