import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalSpec } from '../../src/core/canonical.ts';
import { splitKey, type Field, type Key, type Spec } from '../../src/core/connection.ts';
import { keepFigures, SEED, sizeOf } from '../machinery/figures.ts';
import { System, type Flags } from './system.ts';

/** `npm run test:long` increases it. */
const SEQUENCES = sizeOf('SEQUENCES', 1_000);

/** There is no separate model: the test checks the system itself after each apply. */
type Model = Record<string, never>;
type Step = fc.AsyncCommand<Model, System>;

// Few keys, so that each connection goes through many changes.
const KEYS = ['users/a', 'users/b', 'users/c', 'accounts/a'] as const;
const key: fc.Arbitrary<Key> = fc.constantFrom(...KEYS);
const text = fc.constantFrom('one', 'two', 'Größe', '');

const field: fc.Arbitrary<Field> = fc.record(
  {
    id: fc.constantFrom('f', 'g', 'h', 'i'),
    source_name: fc.constantFrom('x', 'y'),
    type: fc.constantFrom('string', 'number'),
    display_name: text,
    description: text,
    groups: fc.array(fc.constantFrom('A', 'B'), { maxLength: 2 }),
  },
  { requiredKeys: ['id', 'source_name', 'type'] },
);
const spec: fc.Arbitrary<Spec> = fc
  .record(
    {
      type: fc.constant('ref_table'),
      join_attribute: fc.constantFrom('mail', 'id'),
      join_type: fc.constant('email'),
      fields: fc.uniqueArray(field, { selector: ({ id }) => id, maxLength: 3 }),
      metadata: fc.dictionary(fc.constantFrom('m', 'n'), fc.constantFrom('1', '2'), { maxKeys: 1 }),
    },
    { requiredKeys: ['type', 'join_attribute', 'join_type'] },
  )
  .map(canonicalSpec);
const flags: fc.Arbitrary<Flags> = fc.record({
  prune: fc.boolean(),
  adopt: fc.boolean(),
  allowReplace: fc.boolean(),
  onDrift: fc.constantFrom('revert', 'revert', 'keep', 'refuse'),
  concurrency: fc.integer({ min: 1, max: 8 }),
});

function step(name: string, run: (system: System) => void | Promise<void>): Step {
  return { check: () => true, run: async (_model, system) => run(system), toString: () => name };
}

/** Fields after an edit in Datadog's UI: one removed, one added, one relabelled. */
function clicked(fields: readonly Field[], added: Field): Field[] {
  const [first, ...rest] = fields;
  const relabelled = first === undefined ? [] : [{ ...first, display_name: 'clicked' }];
  return [
    ...relabelled,
    ...rest.slice(1).filter(({ id }) => id !== added.id),
    ...(first?.id === added.id ? [] : [added]),
  ];
}

const steps: fc.Arbitrary<Step>[] = [
  fc
    .tuple(key, spec, fc.boolean())
    .map(([at, of, protect]) =>
      step(
        `write ${at} ${JSON.stringify(of)}`,
        ({ manifests }) => void manifests.set(at, { spec: of, protect: protect && at === 'users/c' }),
      ),
    ),
  fc.tuple(key, field).map(([at, added]) =>
    step(`edit a field of ${at}`, ({ manifests }) => {
      const before = manifests.get(at);
      if (before === undefined) return;
      const fields = [...(before.spec.fields ?? []).filter(({ id }) => id !== added.id), added];
      manifests.set(at, { ...before, spec: canonicalSpec({ ...before.spec, fields }) });
    }),
  ),
  fc.tuple(key, fc.constantFrom('f', 'g', 'h'), fc.constantFrom('j', 'k')).map(([at, from, to]) =>
    step(`rename ${from} to ${to} in ${at}`, ({ manifests }) => {
      const before = manifests.get(at);
      if (before?.spec.fields?.some(({ id }) => id === from) !== true || before.spec.fields.some(({ id }) => id === to))
        return;
      const fields = before.spec.fields.map((item) => (item.id === from ? { ...item, id: to } : item));
      manifests.set(at, { ...before, spec: canonicalSpec({ ...before.spec, fields }), renamed: { [from]: to } });
    }),
  ),
  key.map((at) => step(`remove ${at}`, ({ manifests }) => void manifests.delete(at))),
  flags.map((chosen) => step(`apply ${JSON.stringify(chosen)}`, (system) => system.apply(chosen))),
  flags.map((chosen) => step(`apply ${JSON.stringify(chosen)}`, (system) => system.apply(chosen))),
  fc
    .tuple(flags, fc.integer({ min: 2, max: 40 }))
    .map(([chosen, at]) =>
      step(`die at point ${at} of apply ${JSON.stringify(chosen)}`, (system) => system.die(chosen, at)),
    ),
  fc.constant(step('lose the journal', (system) => system.loseJournal())),
  fc.tuple(key, field).map(([at, added]) =>
    step(`click in ${at}`, ({ datadog }) => {
      const { entity, id } = splitKey(at);
      if (datadog.store.list(entity).some((connection) => connection.id === id))
        datadog.clicks.edit(entity, id, (connection) => ({ ...connection, fields: clicked(connection.fields, added) }));
    }),
  ),
  key.map((at) =>
    step(`delete ${at} in the UI`, ({ datadog }) => {
      const { entity, id } = splitKey(at);
      if (datadog.store.list(entity).some((connection) => connection.id === id)) datadog.clicks.drop(entity, id);
    }),
  ),
  fc.tuple(fc.oneof(key, fc.constant('users/stranger')), spec).map(([at, of]) =>
    step(`a stranger makes ${at}`, ({ datadog }) => {
      const { entity, id } = splitKey(at);
      if (!datadog.store.list(entity).some((connection) => connection.id === id))
        datadog.clicks.seed(entity, { id, ...of, fields: [...(of.fields ?? [])] });
    }),
  ),
  fc.constant(step('lose the lockfile', (system) => void (system.lockfile = undefined))),
  fc.constant(
    step(
      'branch',
      (system) => void (system.branch = { lockfile: system.lockfile, manifests: new Map(system.manifests) }),
    ),
  ),
  fc.constant(
    step('merge the branch by union', (system) => {
      const { branch, lockfile, manifests } = system;
      if (branch === undefined) return;
      for (const [at, written] of branch.manifests) if (!manifests.has(at)) manifests.set(at, written);
      const lines = new Set(
        [lockfile, branch.lockfile].flatMap((of) => of?.split('\n') ?? []).filter((line) => line !== ''),
      );
      if (lines.size > 0) system.lockfile = `${[...lines].join('\n')}\n`;
    }),
  ),
];

test(
  `an apply keeps its promises for any actions of people, branches and Datadog (${SEQUENCES} sequences)`,
  async () => {
    let applies = 0;
    await fc.assert(
      fc.asyncProperty(fc.commands(steps, { maxCommands: 60, size: 'max' }), async (commands) => {
        using system = new System();
        await fc.asyncModelRun(() => ({ model: {}, real: system }), commands);
        applies += 1;
      }),
      { numRuns: SEQUENCES, seed: SEED },
    );
    expect(applies).toBeGreaterThanOrEqual(SEQUENCES);
    keepFigures('sequences of edits, applies, kills, clicks and merges', { sequences: applies, broken: 0 });
  },
  600_000 + SEQUENCES * 2000,
);
