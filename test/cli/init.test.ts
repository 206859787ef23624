import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lint } from '../action/workflows/lint.ts';
import { start } from '../machinery/process.ts';
import { Rig } from '../rig/rig.ts';
import { contents, seed } from './init-folder.ts';

const WRITTEN = [
  'connsync.yaml',
  'connections/users/crm-contacts.yaml',
  '.vscode/settings.json',
  '.vscode/connsync.schema.json',
  '.vscode/connsync-settings.schema.json',
  '.gitattributes',
  '.gitignore',
  '.github/workflows/connsync-plan.yml',
  '.github/workflows/connsync-apply.yml',
  '.github/workflows/connsync-drift.yml',
];

describe('init without keys', () => {
  test('writes files that validate, plan without a key, plan in the emulator, and are formatted', async () => {
    await using rig = await Rig.start();
    const ended = await rig.spawn('init --yes');
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    for (const file of WRITTEN) expect(ended.stdout).toContain(`+ ${file}\n`);
    expect(Object.keys(contents(rig)).toSorted()).toEqual(WRITTEN.toSorted());
    expect(await rig.run('validate')).toMatchObject({ exitCode: 0, stderr: '' });
    expect((await rig.run('plan --offline')).stdout).toMatch(/\nPlan: 1 to add, 0 to change, 0 to destroy\.\n$/);
    const plan = await rig.run('plan --site local');
    expect(plan).toMatchObject({ exitCode: 0, stderr: '' });
    expect(plan.stdout).toContain('+ users/crm-contacts  create');
    expect((await rig.run('apply --site local')).exitCode).toBe(0);
    expect((await rig.run('plan --site local')).stdout).toContain('No changes. 1 unchanged.');
    expect((await rig.run('fmt --check')).exitCode).toBe(0);
  });

  test('lists the remaining steps: the four secrets, the settings of the repository, the next commands', async () => {
    await using rig = await Rig.start();
    const { stdout } = await rig.run('init --yes');
    const named = ['DD_READ_API_KEY', 'DD_READ_APP_KEY', 'DD_WRITE_API_KEY', 'DD_WRITE_APP_KEY', 'Settings › Actions'];
    for (const what of [...named, 'connsync validate', 'connsync plan --site local']) expect(stdout).toContain(what);
    expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  test('makes Git ignore files that runs leave behind, and merge lockfiles by line', async () => {
    await using rig = await Rig.start();
    await rig.run('init --yes');
    expect(rig.read('.gitattributes')).toBe('connections*.lock merge=union text eol=lf\n');
    expect(rig.read('.gitignore')).toBe(
      '.connsync/\nconnections*.lock.journal\nconnections*.lock.lock\nconnections*.lock.damaged*\n',
    );
  });

  test('writes the schemas that this version validates with', async () => {
    await using rig = await Rig.start();
    await rig.run('init --yes');
    expect(rig.read('.vscode/connsync.schema.json')).toBe((await rig.run('schema')).stdout);
    expect(JSON.parse(rig.read('.vscode/settings.json'))).toEqual({
      'yaml.schemas': {
        '.vscode/connsync.schema.json': ['connections/**/*.yaml', 'connections/**/*.yml'],
        '.vscode/connsync-settings.schema.json': ['connsync.yaml'],
      },
    });
  });

  test.each(WRITTEN.filter((file) => file.startsWith('.github/')))(
    'writes a workflow for %s that GitHub and actionlint accept',
    async (file) => {
      await using rig = await Rig.start();
      await rig.run('init --yes --dir data/connections');
      expect(await lint({ kind: 'workflow', file, before: 0, text: rig.read(file) })).toEqual([]);
    },
  );

  test.each<readonly [flags: string, without: RegExp, files: readonly string[]]>([
    ['--no-workflows', /^\.github/, []],
    ['--no-example', /^connections\/users/, ['connections/.gitkeep']],
  ])('with %s omits that part, and the rest validates and plans', async (flags, without, files) => {
    await using rig = await Rig.start();
    expect((await rig.run(`init --yes ${flags}`)).exitCode).toBe(0);
    const expected = [...WRITTEN.filter((file) => !without.test(file)), ...files];
    expect(Object.keys(contents(rig)).toSorted()).toEqual(expected.toSorted());
    expect((await rig.run('validate')).exitCode).toBe(0);
    expect((await rig.run('plan --offline')).exitCode).toBe(0);
  });

  test('puts manifests into the given folder, and sets it in connsync.yaml and for the apply', async () => {
    await using rig = await Rig.start();
    await rig.run('init --yes --dir ./data/connections/ --site us5.datadoghq.com');
    expect(rig.read('connsync.yaml')).toContain('\nsite: us5.datadoghq.com\n');
    expect(rig.read('connsync.yaml')).toContain('\nmanifests:\n  - data/connections\n');
    expect(rig.read('.github/workflows/connsync-apply.yml')).toContain("'data/connections/**'");
    const { stdout } = await rig.run('plan --offline');
    expect(stdout).toMatch(/^connsync plan {3}us5\.datadoghq\.com /);
    expect(stdout).toContain('data/connections/users/crm-contacts.yaml');
  });

  test.each([
    ['.', '--dir .'],
    ['a parent folder', '--dir ../elsewhere'],
    ['an absolute path', '--dir /tmp/elsewhere'],
    ['a parent folder by a detour', '--dir a/../../b'],
  ])('refuses %s as the folder of manifests', async (_, flags) => {
    await using rig = await Rig.start();
    const { exitCode, stderr } = await rig.run(`init --yes ${flags}`);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('is not inside the current folder');
    expect(contents(rig)).toEqual({});
  });

  test.each(['.vscode', '.git', '.github/workflows', './.vscode/', 'a/../.hidden', 'data/.connections/of/us'])(
    'refuses the hidden folder %s for manifests, because other tools keep files there',
    async (dir) => {
      await using rig = await Rig.start();
      const { exitCode, stderr } = await rig.run(`init --yes --dir ${dir}`);
      expect(exitCode).toBe(3);
      expect(stderr).toContain(`${dir} is a hidden folder`);
      expect(stderr).toContain('→ choose a folder whose name does not start with a dot');
      expect(contents(rig)).toEqual({});
    },
  );

  test('refuses a hidden folder in connsync.yaml too', async () => {
    await using rig = await Rig.start();
    rig.write('connsync.yaml', 'version: 1\nmanifests: [.vscode]\n');
    const { exitCode, stderr } = await rig.run('init --yes');
    expect([exitCode, stderr]).toEqual([3, expect.stringContaining('.vscode is a hidden folder')]);
    expect(Object.keys(contents(rig))).toEqual(['connsync.yaml']);
  });

  test('refuses an outside folder of manifests in connsync.yaml too', async () => {
    await using rig = await Rig.start();
    rig.write('connsync.yaml', 'version: 1\nmanifests: [../elsewhere]\n');
    const { exitCode, stderr } = await rig.run('init --yes');
    expect(exitCode).toBe(3);
    expect(stderr).toContain('../elsewhere is not inside the current folder');
    expect(Object.keys(contents(rig))).toEqual(['connsync.yaml']);
  });

  test('targets the default branch of the remote, whatever branch is checked out', async () => {
    await using rig = await Rig.start();
    rig.write('.git/HEAD', 'ref: refs/heads/feature\n');
    rig.write('.git/refs/remotes/origin/HEAD', 'ref: refs/remotes/origin/develop\n');
    await rig.run('init --yes');
    expect(rig.read('.github/workflows/connsync-apply.yml')).toContain("branches: ['develop']");
  });

  test('skips workflows below the top of a repository, where GitHub would not find them, and says so', async () => {
    await using rig = await Rig.start();
    rig.write('.git/HEAD', 'ref: refs/heads/main\n');
    mkdirSync(join(rig.folder, 'deep'));
    const { exitCode, stdout } = await start(rig, ['init', '--yes'], { cwd: join(rig.folder, 'deep') }).ended;
    expect(exitCode).toBe(0);
    expect(stdout).toContain('working-directory');
    expect(existsSync(join(rig.folder, 'deep/connsync.yaml'))).toBe(true);
    expect(existsSync(join(rig.folder, 'deep/.github'))).toBe(false);
  });

  test('off a terminal accepts defaults only with --yes', async () => {
    await using rig = await Rig.start();
    const { exitCode, stderr } = await rig.run('init');
    expect(exitCode).toBe(7);
    expect(stderr).toContain('init needs a terminal to ask questions; nothing was written');
    expect(stderr).toContain('→ add --yes');
    expect(contents(rig)).toEqual({});
  });
});

describe('existing files', () => {
  test('make a second run change no byte', async () => {
    await using rig = await Rig.start();
    await rig.run('init --yes');
    const before = contents(rig);
    const { exitCode, stdout } = await rig.run('init --yes');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('All files already exist. Nothing was written.');
    expect(contents(rig)).toEqual(before);
  });

  test('are left unchanged, and two files of Git only get the missing lines', async () => {
    await using rig = await Rig.start();
    const mine = {
      'connsync.yaml': 'version: 1\nsite: datadoghq.eu # ours\n',
      '.vscode/settings.json': '{\n  // mine\n  "editor.tabSize": 2,\n}\n',
      '.vscode/connsync.schema.json': '{}\n',
      '.github/workflows/connsync-plan.yml': 'name: mine\n',
    };
    for (const [file, text] of Object.entries(mine)) rig.write(file, text);
    rig.write('.gitignore', 'node_modules\r\n.connsync/');
    const { exitCode, stdout } = await rig.run('init --yes');
    expect(exitCode).toBe(0);
    expect(contents(rig)).toMatchObject(mine);
    for (const file of Object.keys(mine)) expect(stdout).toContain(`= ${file}  exists, not changed\n`);
    expect(stdout).toContain('→ add to it: "yaml.schemas":{');
    expect(stdout).toContain('→ delete it and run connsync init again, because another version wrote it');
    expect(stdout).toContain('~ .gitignore  3 lines added\n');
    expect(rig.read('.gitignore')).toBe(
      'node_modules\r\n.connsync/\r\nconnections*.lock.journal\r\nconnections*.lock.lock\r\nconnections*.lock.damaged*\r\n',
    );
  });

  test('suppress the example if they are manifests', async () => {
    await using rig = await Rig.start();
    rig.write(
      'connections/mine.yaml',
      'entity: users\nid: mine\ntype: ref_table\njoin_attribute: a\njoin_type: email\n',
    );
    await rig.run('init --yes');
    expect(Object.keys(contents(rig)).filter((file) => file.startsWith('connections/'))).toEqual([
      'connections/mine.yaml',
    ]);
  });

  test.each([
    ['the folder of a file', '.vscode', true],
    ['a file', '.gitignore', false],
    ['the folder of manifests', 'connections', true],
    ['a missing file', '.github/workflows/connsync-drift.yml', false],
  ])('that are links are refused before anything is written: %s', async (_, link, isFolder) => {
    await using rig = await Rig.start();
    const outside = mkdtempSync(join(tmpdir(), 'connsync-outside-'));
    try {
      const target = join(outside, 'target');
      if (isFolder) mkdirSync(target);
      else if (link === '.gitignore') writeFileSync(target, '');
      rig.write('.github/workflows/.keep', '');
      symlinkSync(target, join(rig.folder, link));
      const before = contents(rig);
      const { exitCode, stderr } = await rig.run('init --yes');
      expect(exitCode).toBe(5);
      expect(stderr).toContain(`${link} is a link, and connsync does not follow links`);
      expect(contents(rig)).toEqual(before);
      expect(existsSync(target) && !isFolder ? readFileSync(target, 'utf8') : '').toBe('');
      expect(isFolder ? readdirSync(target) : []).toEqual([]);
    } finally {
      rmSync(outside, { recursive: true });
    }
  });

  test('report an error in connsync.yaml with its position, and then nothing is written', async () => {
    await using rig = await Rig.start();
    rig.write('connsync.yaml', 'version: 1\nsites: x\n');
    for (const flags of ['', '--from-live']) {
      const { exitCode, stderr } = await rig.live(`init --yes ${flags}`);
      expect(exitCode).toBe(3);
      expect(stderr).toContain('"sites" is not allowed here');
      expect(Object.keys(contents(rig))).toEqual(['connsync.yaml']);
    }
  });

  test.each([
    [
      'site',
      '--site datadoghq.eu',
      'site in connsync.yaml is us3.datadoghq.com, which contradicts --site datadoghq.eu',
    ],
    ['manifests', '--dir other', 'manifests in connsync.yaml is mine, which contradicts --dir other'],
  ])('cause a contradiction if connsync.yaml has another %s than a flag', async (_, flags, message) => {
    await using rig = await Rig.start();
    rig.write('connsync.yaml', 'version: 1\nsite: us3.datadoghq.com\nmanifests: [mine]\n');
    const { exitCode, stderr } = await rig.run(`init --yes ${flags}`);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(message);
  });
});

describe('machine-readable output', () => {
  test('is one document that lists the files written and the files kept', async () => {
    await using rig = await Rig.start();
    seed(rig, 1);
    rig.write('.gitignore', 'mine\n');
    rig.write('.vscode/settings.json', '{}\n');
    const { stdout, exitCode } = await rig.live('init --from-live --yes --format json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      formatVersion: '1.0',
      target: { site: 'datadoghq.com' },
      wrote: expect.arrayContaining([
        { file: 'connsync.yaml' },
        { file: '.gitignore', appended: expect.arrayContaining(['.connsync/']) },
        { file: 'connections/accounts/c-0.yaml', key: 'accounts/c-0' },
      ]),
      left: [{ file: '.vscode/settings.json', hint: expect.stringContaining('yaml.schemas') }],
      problems: [],
    });
  });

  test('has an event for each file as it is written', async () => {
    await using rig = await Rig.start();
    const { stdout } = await rig.run('init --yes --format ndjson');
    const events = stdout
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as { type: string; file?: string }]));
    expect(events.at(0)).toMatchObject({ type: 'start', command: 'init' });
    expect(events.flatMap(({ type, file }) => (type === 'file-written' ? [file] : []))).toEqual(WRITTEN);
    expect(events.at(-1)).toMatchObject({ type: 'end', exitCode: 0 });
  });

  test('is one document for a failure too', async () => {
    await using rig = await Rig.start();
    const { stdout, exitCode } = await rig.run('init --format json');
    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout)).toMatchObject({ wrote: [], left: [], problems: [{ code: 'not-confirmed' }] });
  });
});
