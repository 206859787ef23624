import { describe, expect, test } from 'vitest';
import { escapeControl } from '../../src/core/escape-control.ts';
import { manifest, Rig, type Ended } from '../rig/rig.ts';

/**
 * Texts that a terminal or a CI runner would act on, that reverse or hide text. They contain no spaces, because they
 * are used as arguments too.
 */
const ACTS = '\u001B[2J\u009B31m\u202E\u200B\u2028\u{E0041}\u0007\u007F##[error]owned';
const LINES = `::error::owned\n::set-output::owned\r::stop-commands::owned\n##[group]owned${ACTS}`;
const CODES = /\u001B\[\d+(?:;\d+)*m/g;

const FORMATS = {
  validate: ['human', 'json', 'ndjson', 'markdown', 'github', 'sarif'],
  plan: ['human', 'json', 'ndjson', 'markdown', 'github', 'curl'],
  apply: ['human', 'json', 'ndjson', 'markdown', 'github'],
  drift: ['human', 'json', 'ndjson', 'markdown', 'github'],
  other: ['human', 'json', 'ndjson'],
} as const;

/**
 * Returns every active line of either stream, except connsync's own colours and annotations, and every sign of a bug
 * in connsync.
 */
function acting(
  { exitCode, stdout, stderr }: Ended,
  { format = 'human', color = false }: { readonly format?: string; readonly color?: boolean } = {},
): readonly string[] {
  const text = color ? (stdout + stderr).replace(CODES, '') : stdout + stderr;
  const lines = text.split('\n').filter((line) => {
    if (escapeControl(line) !== line) return true;
    if (!line.trimStart().startsWith('::')) return false;
    return format !== 'github' || !OUR_ANNOTATION.test(line);
  });
  return [...lines, ...(text === '' ? ['nothing was said'] : []), ...(exitCode === 1 ? [`a bug: ${stderr}`] : [])];
}

const OUR_ANNOTATION = /^::(?:error|warning|notice) (?:[a-zA-Z]+=[^,:]*,)*title=[a-z-]+::/;

const quoted = (text: string): string =>
  JSON.stringify(text).replace(/[\u007F-\uFFFF]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** A manifest with hostile text in every member that allows any text. */
function hostileManifest(id: string, label = LINES): string {
  const fields = [
    `  - id: f_${id}`,
    `    source_name: ${quoted(LINES)}`,
    '    type: string',
    `    display_name: ${quoted(label)}`,
    `    description: ${quoted(`${LINES}\n${ACTS}`)}`,
    `    groups: [${quoted(LINES)}]`,
  ];
  const rest = `fields:\n${fields.join('\n')}\nmetadata:\n  ${quoted(ACTS)}: ${quoted(LINES)}\nconnsync:\n  owner: ${quoted(LINES)}\n`;
  return manifest(`users/${id}`, [], rest).replace('user_email', quoted(LINES));
}

/** An id without control characters that still reverses text, and a file with an arbitrary name. */
const TURNED = `turned\u202E\u200B\u{E0041}`;
const FILE = `evil\n::error::owned\u001B[2J\u202E.yaml`;

/** Returns a rig with hostile manifests, file names, lockfile and Datadog, and pending work of every kind. */
async function hostileRig(): Promise<Rig> {
  const rig = await Rig.start();
  for (const id of ['same', 'edited', 'orphan', 'moved']) rig.write(`connections/${id}.yaml`, hostileManifest(id));
  rig.write(`connections/${FILE}`, manifest('users/x', ['x']).replace('id: x', `id: ${quoted(TURNED)}`));
  expect((await rig.live('apply')).exitCode).toBe(0);
  rig.write('connections/edited.yaml', hostileManifest('edited', `other\n::warning::owned${ACTS}`));
  rig.write(
    'connections/moved.yaml',
    hostileManifest('moved').replace('join_type: email', `join_type: ${quoted(LINES)}`),
  );
  rig.write('connections/new.yaml', hostileManifest('new'));
  rig.remove('connections/orphan.yaml');
  const fields = [{ id: LINES, source_name: LINES, type: LINES, display_name: LINES, groups: [ACTS] }];
  rig.datadog.edit(
    'users',
    'same',
    (connection) => ({ ...connection, fields: [...connection.fields, ...fields] }),
    LINES,
  );
  rig.datadog.seed('users', {
    id: `theirs${ACTS}`,
    type: LINES,
    join_attribute: LINES,
    join_type: LINES,
    fields,
    metadata: { [LINES]: LINES },
  });
  return rig;
}

describe('hostile text in manifests, file names, the lockfile and Datadog is harmless', () => {
  test.each(FORMATS.plan)('in plan --format %s', async (format) => {
    await using rig = await hostileRig();
    const ended = await rig.spawn(`plan --prune --format ${format}`, { env: rig.keys });
    expect(acting(ended, { format })).toEqual([]);
    expect(acting(await rig.runAsProcess(`plan --offline --format ${format}`), { format })).toEqual([]);
  });

  test.each(FORMATS.apply)("in apply --format %s, with a refusal in the server's words", async (format) => {
    await using rig = await hostileRig();
    const refusal = { status: 400, body: { errors: [{ title: LINES, detail: LINES, id: LINES }] }, times: 99 };
    for (const method of ['POST', 'PUT'])
      rig.datadog.answerNext({ ...refusal, method, headers: { 'x-request-id': '::error::x' } });
    const args = `apply --prune --yes --allow-replace --adopt --max-deletes 100% --max-retries 0 --format ${format}`;
    const ended = await rig.runAsProcess(args, { env: rig.keys });
    expect(acting(ended, { format })).toEqual([]);
    expect(ended.exitCode).toBe(4);
    expect(ended.stdout + ended.stderr).toContain('owned');
  });

  test.each(FORMATS.drift)('in drift --format %s', async (format) => {
    await using rig = await hostileRig();
    expect(acting(await rig.runAsProcess(`drift --format ${format}`, { env: rig.keys }), { format })).toEqual([]);
  });

  test.each(FORMATS.other)('in accept, import, state, fmt and doctor --format %s', async (format) => {
    await using rig = await hostileRig();
    const commands = [
      'state list',
      'state show users/same',
      'fmt --check',
      'doctor',
      'accept --all',
      'import --all',
      'state rebuild',
      'state rm users/same',
      `state show ${LINES}`,
    ];
    for (const command of commands)
      expect(acting(await rig.runAsProcess(`${command} --format ${format}`, { env: rig.keys }), { format })).toEqual(
        [],
      );
  });

  test.each(['plan', 'apply --yes --prune', 'drift', 'validate'])('with colours, in %s', async (command) => {
    await using rig = await hostileRig();
    const ended = await rig.runAsProcess(`${command} --color always`, { env: rig.keys });
    expect(acting(ended, { format: 'human', color: true })).toEqual([]);
  });

  test.each(FORMATS.validate)('in the output of validate --format %s for broken manifests', async (format) => {
    await using rig = await Rig.start();
    rig.write(`connections/${FILE}`, `${hostileManifest('a')}${quoted(`unknown${LINES}`)}: 1\n`);
    rig.write('connections/b.yaml', `entity: ${quoted(LINES)}\nid: ${quoted(LINES)}\ntype: [${quoted(ACTS)}]\n`);
    rig.write('connections/c.yaml', `entity: users\n\u0000::error::owned\u001B[2J\nid: !!js/x\u202E y\n`);
    rig.write('connections/d.yaml', `<<<<<<< ::error::\u001B[2J\n=======\n>>>>>>> x\n`);
    rig.write('connections/e.yaml', `a: &${ACTS} *b\n`);
    rig.write('connsync.yaml', `version: 1\n${quoted(LINES)}: ${quoted(LINES)}\nsite: ${quoted(LINES)}\n`);
    const ended = await rig.runAsProcess(`validate --format ${format}`);
    expect(acting(ended, { format })).toEqual([]);
    expect(ended.exitCode).toBe(3);
  });

  test.each(['plan', 'drift', 'doctor', 'import --all'])(
    'in the output of %s --verbose for a list that failed',
    async (command) => {
      for (const status of [400, 401, 403, 404, 500]) {
        await using rig = await Rig.start();
        rig.write('connections/a.yaml', manifest('users/a'));
        const body = { errors: [{ title: LINES, detail: ACTS }] };
        rig.datadog.answerNext({ where: ({ path }) => path.endsWith('/connections'), status, body, times: 99 });
        const ended = await rig.runAsProcess(`${command} --verbose --max-retries 0`, { env: rig.keys });
        expect(acting(ended)).toEqual([]);
      }
    },
  );
});

describe('hostile text in the command line is harmless', () => {
  test.each([
    [LINES],
    [`validate`, `--${LINES}`],
    ['validate', LINES],
    ['plan', '--format', LINES],
    ['plan', '--color', LINES],
    ['plan', '--timeout', LINES],
    ['plan', '--max-deletes', LINES],
    ['plan', '--on-drift', LINES],
    ['plan', '--site', LINES],
    ['plan', '--api-url', `https://${LINES}`],
    ['plan', '--dir', LINES],
    ['plan', '--lockfile', `${LINES}/x/y`],
    ['plan', '--target', LINES],
    ['plan', '--out', `no/${LINES}`],
    ['plan', '--trace', `no/${LINES}`],
    ['apply', '--plan', LINES],
    ['apply', '--checksum', LINES],
    ['state', LINES],
    ['state', 'rm', LINES],
    ['import', LINES],
    ['accept', LINES],
    ['emulator', '--rate-limit', LINES],
    ['emulator', '--port', LINES],
    ['emulator', '--data', `connections/a.yaml/${LINES}`],
  ])('%#', async (...args) => {
    await using rig = await Rig.start();
    rig.write('connections/a.yaml', manifest('users/a'));
    expect(acting(await rig.live(args.join(' ')))).toEqual([]);
  });
});
