import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import schema from '../../schemas/faults.schema.json' with { type: 'json' };
import { KINDS } from '../../src/emulator/faults/faults.ts';
import { loadFaults } from '../../src/manifest/faults.ts';
import { reaped } from '../rig/children.ts';
import { CLI, manifest, Rig } from '../rig/rig.ts';
import { call, CONNECTION, CONNECTIONS, createBody, KEYS } from './calling.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/emulator.md'), 'utf8');

describe('connsync emulator --faults', () => {
  test("fails as the page's example says, connsync recovers, and the log has every request", async () => {
    await using rig = await Rig.start();
    const [, example = ''] = /```yaml\n([^]*?)```/.exec(PAGE) ?? [];
    rig.write('faults.yaml', example);
    for (let index = 0; index < 20; index += 1) rig.write(`connections/c${index}.yaml`, manifest(`users/c${index}`));
    {
      await using emulator = await serving(rig, ['--faults', 'faults.yaml', '--log', 'log.ndjson']);
      const ended: (number | null)[] = [];
      do
        ended.push(
          (
            await rig.spawn('apply --yes', {
              env: { ...rig.keys, DD_API_URL: emulator.url, CONNSYNC_SETTLE_MS: '800' },
            })
          ).exitCode,
        );
      while (ended.at(-1) !== 0 && ended.length < 8);
      expect(ended.at(-1)).toBe(0);
    }
    const lines = logged(rig);
    const faults = new Set(lines.map(({ fault }) => fault));
    expect([...faults].sort()).toEqual(['drop-after', 'error-before', 'limited', undefined]);
    const created = lines.filter(({ op }) => op === 'created').map(({ id }) => id);
    expect([created.length, new Set(created).size]).toEqual([20, 20]);
    expect(lines.filter(({ op }) => op === 'duplicate')).toEqual([]);
  });

  test('accepts JSON too, and logs a late operation after its request', async () => {
    await using rig = await Rig.start();
    const rules = [{ kind: 'late-error', ms: 50, times: 1, methods: ['POST'] }];
    rig.write('faults.json', JSON.stringify({ list_lag_ms: 30, rules }));
    {
      await using emulator = await serving(rig, ['--faults', 'faults.json', '--log', 'log.ndjson']);
      await call(emulator.url, 'POST', CONNECTION, { body: createBody('one') });
      await call(emulator.url, 'GET', `${CONNECTIONS}?key=${KEYS['dd-api-key']}`);
      const listed = async (): Promise<string> => (await call(emulator.url, 'GET', CONNECTIONS)).text;
      await expect.poll(listed, { timeout: 300_000 }).toContain('"one"');
    }
    const lines = logged(rig);
    const failed = lines.findIndex(({ fault }) => fault === 'late-error');
    const done = lines.findIndex(({ type }) => type === 'done');
    expect(lines[done]).toMatchObject({ op: 'created', entity: 'users', id: 'one', request: lines[failed]?.request });
    expect(failed).toBeLessThan(done);
    expect(lines.some((line) => line.showed_key === true)).toBe(true);
    expect(rig.read('log.ndjson')).not.toContain(KEYS['dd-api-key']);
  });

  test('appends to an existing log', async () => {
    await using rig = await Rig.start();
    for (let round = 0; round < 2; round += 1) {
      await using emulator = await serving(rig, ['--log', 'log.ndjson']);
      await call(emulator.url, 'GET', CONNECTIONS);
    }
    expect(logged(rig)).toHaveLength(2);
  });

  test.each<[string, string, string, string]>([
    ['an unknown kind', 'rules:\n  - kind: drop\n', '2:11', 'drop-before'],
    ['an unknown name', 'sed: 7\n', '1:1', 'did you mean "seed"?'],
    ['an unknown name in a rule', 'rules:\n  - kind: hang\n    path: [/x]\n', '3:5', 'did you mean "paths"?'],
    ['a rule without a kind', 'rules:\n  - rate: 30%\n', '2:5', 'add kind: …'],
    ['a rate in words', 'rules:\n  - kind: hang\n    rate: often\n', '3:11', 'write 30%, or 0.3'],
    ['a rate above one', 'rules:\n  - kind: hang\n    rate: 30\n', '3:11', 'write 30%, or 0.3'],
    ['a rate above all', 'rules:\n  - kind: hang\n    rate: 101%\n', '3:11', 'write 30%, or 0.3'],
    ['a rate that is a list', 'rules:\n  - kind: hang\n    rate: []\n', '3:11', 'write 30%, or 0.3'],
    ['three lengths', 'rules:\n  - kind: late\n    ms: [1, 2, 3]\n', '3:9', 'write 500, or [100, 600]'],
    ['a negative length', 'rules:\n  - kind: late\n    ms: -1\n', '3:9', 'write 500, or [100, 600]'],
    ['a length that ends first', 'rules:\n  - kind: late\n    ms: [600, 100]\n', '3:9', 'write [100, 600]'],
    ['a status of success', 'rules:\n  - kind: html\n    status: 200\n', '3:13', 'write a status such as 503'],
    ['an address with a path', 'rules:\n  - kind: redirect\n    to: http://a/b\n', '3:9', 'http://127.0.0.1:8127'],
    ['a style in other words', 'duplicates: refuse\n', '1:13', 'conflict'],
    ['YAML that is none', 'rules: [\n', '', 'yaml-syntax'],
    ['an alias', 'rules: &a []\nput: *a\n', '2:6', 'yaml-alias'],
    ['a second document', 'seed: 1\n---\nseed: 2\n', '2:1', 'move it into the first document'],
    ['nothing', '', '1:1', 'remove --faults'],
  ])('rejects %s with its position and a hint', async (_name, text, place, hint) => {
    await using rig = await Rig.start();
    rig.write('faults.yaml', text);
    const ended = await rig.run('emulator --faults faults.yaml');
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain('faults.yaml');
    expect(ended.stderr).toContain(place);
    expect(ended.stderr).toContain(hint);
  });

  test('rejects a missing file, also in the built command', async () => {
    await using rig = await Rig.start();
    const ended = await rig.spawn('emulator --faults gone.yaml');
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain('gone.yaml');
    expect(ended.stderr).toContain('pass a fault file after --faults');
  });

  test("reports a log that can't be opened, and exits with 5", async () => {
    await using rig = await Rig.start();
    const ended = await rig.run('emulator --log gone/log.ndjson');
    expect(ended).toMatchObject({ exitCode: 5, stdout: '' });
    expect(ended.stderr).toContain("can't be opened");
    expect(ended.stderr).toContain('use another file for --log');
  });

  test.skipIf(!existsSync('/dev/full'))(
    'reports an incomplete log at its end, after serving all requests',
    async () => {
      const child = spawn(process.execPath, [CLI, 'emulator', '--log', '/dev/full'], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let stderr = '';
      child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
      const [first] = (await once(child.stdout, 'data')) as [Buffer];
      const url = first.toString().trim().split(' ').at(-1) ?? '';
      expect((await call(url, 'POST', CONNECTION, { body: createBody('one') })).status).toBe(201);
      child.kill('SIGTERM');
      expect((await once(child, 'close'))[0]).toBe(5);
      expect(stderr).toContain('is incomplete: ENOSPC');
    },
  );

  test('reports a port that is taken, and exits with 3', async () => {
    await using rig = await Rig.start();
    const ended = await rig.run(`emulator --port ${new URL(rig.datadog.url).port}`);
    expect(ended).toMatchObject({ exitCode: 3, stdout: '' });
    expect(ended.stderr).toContain('EADDRINUSE');
  });
});

test('the schema, the page and the emulator have the same kinds of faults', () => {
  const inSchema = schema.properties.rules.items.properties.kind.enum;
  const onPage = [...PAGE.matchAll(/^\| `([a-z-]+)` +\| (?:yes|no)/gm)].map(([, kind]) => kind);
  expect([...inSchema].sort()).toEqual([...KINDS].sort());
  expect([...onPage].sort()).toEqual([...KINDS].sort());
});

test("every name in the page's tables is in the schema", () => {
  const names = [...Object.keys(schema.properties), ...Object.keys(schema.properties.rules.items.properties)];
  for (const name of names) expect(PAGE).toContain(`| \`${name}\``);
});

test.each(['0%', '7%', '99.5%', '100%', 0, 0.5, 1])('accepts %s as a rate', (rate) => {
  const text = JSON.stringify({ rules: [{ kind: 'hang', rate }] });
  expect(loadFaults(text, 'f').problems).toEqual([]);
});

interface Line {
  readonly type: string;
  readonly op?: string;
  readonly id?: string;
  readonly entity?: string;
  readonly request?: string;
  readonly fault?: string;
  readonly showed_key?: boolean;
}

function logged(rig: Rig): readonly Line[] {
  const text = rig.read('log.ndjson').trimEnd();
  return text.split('\n').map((line) => JSON.parse(line) as Line);
}

/** The built emulator, until the end of the block. */
async function serving(rig: Rig, args: readonly string[]): Promise<AsyncDisposable & { readonly url: string }> {
  const child = reaped(
    spawn(process.execPath, [CLI, 'emulator', ...args], { cwd: rig.folder, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  const [first] = (await once(child.stdout, 'data')) as [Buffer];
  return {
    url: first.toString().trim().split(' ').at(-1) ?? '',
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGINT');
      const [exitCode] = (await once(child, 'close')) as [number];
      expect(exitCode).toBe(0);
    },
  };
}
