import fc from 'fast-check';
import type { Field, Spec } from '../../src/core/connection.ts';
import type { Problem } from '../../src/core/diagnostic.ts';
import type { DriftedConnection } from '../../src/core/drift.ts';
import type { SyncEvent } from '../../src/core/event.ts';
import type { Action, Change, Refusal, Summary } from '../../src/core/plan.ts';
import type { TerminalStyle, Reporter, Sinks } from '../../src/reporters/reporter.ts';
import { field, spec } from '../core/samples.ts';

export const LOOK: TerminalStyle = {
  color: { out: false, err: false },
  unicode: true,
  now: () => Date.parse('2026-11-25T12:00:00Z'),
  width: 100,
  live: false,
  quiet: false,
};

const NOTHING: Summary = {
  create: 0,
  update: 0,
  replace: 0,
  delete: 0,
  adopt: 0,
  forget: 0,
  unchanged: 0,
  unmanaged: 0,
  orphaned: 0,
  drifted: 0,
};

/** Returns what a reporter writes for a run with these events. */
export async function written(
  open: (sinks: Sinks) => Reporter,
  events: readonly SyncEvent[],
): Promise<{ readonly out: string; readonly err: string }> {
  let out = '';
  let err = '';
  const reporter = open({ out: (text) => void (out += text), err: (text) => void (err += text) });
  for (const event of events) reporter.report(event);
  await reporter.close();
  return { out, err };
}

export function started(command: string, site = 'datadoghq.eu'): SyncEvent {
  const target = { environment: 'default', site };
  return { type: 'start', formatVersion: '1.0', version: '1.2.3', command, target, compared: ['lockfile', 'live'] };
}

export function loaded(manifests: number): SyncEvent {
  return { type: 'loaded', manifests, connections: manifests, entities: 1, ms: 1 };
}

export function problemEvent(problem: Problem): SyncEvent {
  return { type: 'problem', problem };
}

export function planned(actions: readonly Action[], refusals: readonly Refusal[] = []): readonly SyncEvent[] {
  const counts = { ...NOTHING };
  for (const { kind } of actions) counts[kind] += 1;
  return [
    ...actions.map((action): SyncEvent => ({ type: 'action', action })),
    {
      type: 'planned',
      target: { environment: 'default', site: 'datadoghq.eu' },
      summary: counts,
      checksum: `sha256:${'c'.repeat(64)}`,
      refusals,
      inputs: { manifests: '', lockfile: '' },
      options: {
        target: [],
        exclude: [],
        prune: false,
        adopt: false,
        onDrift: 'revert',
        maxDeletes: '30%',
        allowEmpty: false,
        allowReplace: false,
      },
      ms: 1,
    },
  ];
}

export function ended(exitCode: 0 | 3 | 4 | 7 = 0, counts: object = {}): SyncEvent {
  return { type: 'end', exitCode, ...counts };
}

const BASE = { digest: 'd', changes: [], drifted: false };

export function creation(key: string, to: Spec = spec(), rest: object = {}): Action {
  return { ...BASE, kind: 'create', key, to, file: `connections/${key}.yaml`, line: 2, ...rest };
}

export function deletion(key: string, rest: object = {}): Action {
  return { ...BASE, kind: 'delete', key, from: spec(), ...rest };
}

export function relabelling(key: string, from: string, to: string): Action {
  return {
    ...BASE,
    kind: 'update',
    key,
    file: `connections/${key}.yaml`,
    line: 1,
    from: spec(),
    to: spec(),
    changes: [{ leaf: 'field-member' as const, id: 'plan', name: 'display_name' as const, from, to, cause: 'git' }],
    steps: [{ update: [{ id: 'plan', display_name: to }] }],
  };
}

const MARKUP =
  '@ @acme/team < > <!-- connsync --> </code> </details> <img src=x onerror=y> & &lt; ` ``` | \\ \\| * _ ~~ # #1 $ $$ [ ]( ![x](http://evil.example) www. - --'.split(
    ' ',
  );
const COMMANDS = [
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '::',
  '\n::error::x',
  '\n  ::set-output name=a::b',
  '##[',
  '##[add-mask]x]',
  '%0A',
  ':',
  ',',
];
const INVISIBLE = [
  '\u202E',
  '\u2066',
  '\u2028',
  '\u0085',
  '\u009B',
  '\u001B[2J',
  '\0',
  '\u200B',
  '\uFEFF',
  '\uD800',
  '\uDC00',
  '\t',
  ' ',
];
const SHELL = [
  "'",
  "'; touch pwned; '",
  '"',
  '$(touch pwned)',
  '\nEND_OF_BODY\n',
  ...'${IFS} ; && ! !! { } {0} END_OF_BODY EOF / .. %2e ? a é \u{1F600}'.split(' '),
];

/** Text that attempts an injection in every format. */
export const hostile: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...MARKUP, ...COMMANDS, ...INVISIBLE, ...SHELL),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  maxLength: 12,
});

const hostileField: fc.Arbitrary<Field> = fc.record(
  {
    id: hostile,
    source_name: hostile,
    type: hostile,
    display_name: hostile,
    description: hostile,
    groups: fc.array(hostile, { maxLength: 2 }),
  },
  { requiredKeys: ['id', 'source_name', 'type'] },
);

export const hostileSpec: fc.Arbitrary<Spec> = fc.record(
  {
    type: hostile,
    join_attribute: hostile,
    join_type: hostile,
    fields: fc.array(hostileField, { maxLength: 3 }),
    metadata: fc.dictionary(hostile, hostile, { maxKeys: 2 }),
  },
  { requiredKeys: ['type', 'join_attribute', 'join_type'] },
);

const key = hostile.map((id) => `users/${id}`);
const texts = fc.array(hostile, { maxLength: 3 });
const place = fc.record({ file: hostile, line: fc.integer({ min: 1, max: 99 }) }, { requiredKeys: [] });

const cause = fc.constantFrom('git' as const, 'drift' as const);
const name = fc.constantFrom('display_name' as const, 'description' as const, 'groups' as const);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ leaf: fc.constant('metadata' as const), name: hostile, from: hostile, to: hostile, cause }),
  fc.record({ leaf: fc.constant('rename' as const), from: hostile, to: hostile, cause }),
  fc.record({ leaf: fc.constant('field' as const), id: hostile, from: hostileField, cause }),
  fc.record({ leaf: fc.constant('field' as const), id: hostile, to: hostileField, cause }),
  fc.record({
    leaf: fc.constant('field-member' as const),
    id: hostile,
    name,
    from: fc.oneof(hostile, texts),
    to: fc.oneof(hostile, texts),
    cause,
  }),
);

const about = fc.record({
  key,
  digest: fc.constant('d'),
  changes: fc.array(change, { maxLength: 3 }),
  drifted: fc.boolean(),
  owner: hostile,
  after: texts,
});

export const hostileAction: fc.Arbitrary<Action> = fc
  .tuple(about, place, hostileSpec, hostileSpec, texts, fc.nat({ max: 5 }))
  .map(([base, at, from, to, names, which]): Action => {
    const rest = { ...base, ...at };
    const delta = { add: to.fields ?? [], remove: names, update: names.map((id) => ({ id, description: id })) };
    return [
      { ...rest, kind: 'create' as const, to },
      { ...rest, kind: 'update' as const, from, to, steps: [delta, { add: [field('again'), ...(to.fields ?? [])] }] },
      {
        ...rest,
        kind: 'replace' as const,
        from,
        to,
        reasons: ['metadata'],
        attributes: names,
        takeover: true as const,
      },
      { ...rest, kind: 'delete' as const, from, attributes: names },
      { ...rest, kind: 'adopt' as const, to },
      { ...rest, kind: 'forget' as const },
    ][which] as Action;
  });

export const hostileProblem: fc.Arbitrary<Problem> = fc
  .tuple(
    fc.constantFrom('unknown-property' as const, 'unusual-id' as const),
    hostile,
    hostile,
    place,
    fc.record({
      column: fc.integer({ min: 1, max: 9 }),
      further: fc.nat(3),
      endColumn: fc.integer({ min: 9, max: 20 }),
    }),
    fc.nat(2),
  )
  .map(([code, message, hint, at, { column, further, endColumn }, known]) => ({
    code,
    severity: code === 'unusual-id' ? ('warning' as const) : ('error' as const),
    message,
    hint,
    ...at,
    ...(at.line === undefined || known === 0 ? {} : { column }),
    ...(at.line === undefined || known < 2 ? {} : { endLine: at.line + further, endColumn }),
  }));

export const hostileRefusal: fc.Arbitrary<Refusal> = fc.record({
  code: fc.constant('replace' as const),
  message: hostile,
  hint: hostile,
  keys: fc.array(key, { maxLength: 2 }),
});

export const hostileDrift: fc.Arbitrary<DriftedConnection> = fc
  .tuple(
    fc.record({
      key,
      state: fc.constantFrom('in-sync' as const, 'changed' as const, 'missing' as const, 'unmanaged' as const),
      changes: fc.array(change, { maxLength: 3 }),
      updatedBy: hostile,
      updatedAt: hostile,
      sides: fc.record({ git: fc.constant('a91f'), live: fc.constant('e0d2') }, { requiredKeys: [] }),
    }),
    place,
  )
  .map(([connection, at]) => ({ ...connection, ...at }));
