import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { randomFrom } from '../../src/emulator/faults/random.ts';
import { keepFigures, SEED, sizeOf } from '../machinery/figures.ts';
import { manifest, Rig } from '../rig/rig.ts';
import { typesOf, WatchProcess, type EventLine } from './watch-process.ts';

const SAVES = sizeOf('SAVES', 300);
const CONNECTIONS = 30;
const LONG = sizeOf('LONG', 0) === 1;

type Random = ReturnType<typeof randomFrom>;

/** Performs one random change that an editor, a formatter, Git or a person makes to a folder. */
function act(rig: Rig, random: Random): void {
  const number = random.between(0, CONNECTIONS - 1);
  const folder = ['connections', 'connections/one', 'connections/two/deep'][number % 3] ?? '';
  const moved = join(rig.folder, 'connections', `moved${number}.yaml`);
  const path = existsSync(moved) ? moved : join(rig.folder, folder, `c${number}.yaml`);
  const text = manifest(`users/c${number}`, [`f${number}`], `    display_name: Name ${random.between(0, 9)}\n`);
  mkdirSync(join(rig.folder, folder), { recursive: true });
  switch (
    random.oneOf([
      'save',
      'save',
      'save',
      'rename over',
      'halves',
      'move',
      'delete',
      'delete',
      'folder',
      'broken',
      'again',
    ])
  ) {
    case 'save':
      return writeFileSync(path, text);
    case 'rename over':
      writeFileSync(`${path}.tmp`, text);
      return renameSync(`${path}.tmp`, path);
    case 'halves':
      writeFileSync(path, text.slice(0, 40));
      return appendFileSync(path, text.slice(40));
    case 'move':
      if (existsSync(path)) renameSync(path, moved);
      return;
    case 'folder':
      return rmSync(join(rig.folder, 'connections', random.oneOf(['one', 'two'])), { recursive: true, force: true });
    case 'broken':
      if (random.between(0, 9) === 0) writeFileSync(path, 'entity: [');
      return;
    case 'again':
      if (existsSync(path)) writeFileSync(path, readFileSync(path));
      return;
    default:
      return rmSync(path, { force: true });
  }
}

/** Removes unreadable and duplicate manifests, so that the rest can be planned. */
function fixManifests({ folder }: Rig): void {
  const seen = new Set<string>();
  for (const entry of readdirSync(join(folder, 'connections'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const key = /^id: (.*)$/m.exec(readFileSync(path, 'utf8'))?.[1];
    if (key === undefined || seen.has(key)) rmSync(path);
    else seen.add(key);
  }
}

interface Answer {
  readonly checksum: string | null;
  readonly exitCode: number | null;
}

async function fresh(rig: Rig): Promise<Answer> {
  const { stdout, exitCode } = await rig.run('plan --offline --format json');
  return { checksum: (JSON.parse(stdout) as { checksum: string | null }).checksum, exitCode };
}

/** Returns the result of the last plan of a watch. */
function last(events: readonly EventLine[]): string | null {
  const at = events.findLast(({ type }) => type === 'planned' || type === 'plan-skipped');
  return at?.type === 'planned' ? String(at['checksum']) : null;
}

/** Resident memory in kilobytes, or 0 if the system does not report it. */
function residentKb(pid: number): number {
  const status = existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '';
  return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
}

test(
  `after ${SAVES} random saves, renames and deletions, watch has the plan of a fresh run, and its memory is stable`,
  async () => {
    await using rig = await Rig.start();
    mkdirSync(join(rig.folder, 'connections'));
    const random = randomFrom(SEED);
    await using watching = new WatchProcess(rig, '', {});
    await watching.waitFor('planned');
    const sizes: number[] = [];
    const every = Math.ceil(SAVES / 10);
    for (let save = 1; save <= SAVES; save += 1) {
      act(rig, random);
      if (random.between(0, 3) === 0) await sleep(random.between(0, 60));
      if (save % every !== 0) continue;
      if (random.between(0, 1) === 0) fixManifests(rig);
      const { checksum } = await fresh(rig);
      await watching.until((events) => last(events) === checksum);
      sizes.push(residentKb(watching.child.pid ?? 0));
    }
    fixManifests(rig);
    const { checksum, exitCode } = await fresh(rig);
    expect(exitCode).toBe(0);
    await watching.until((events) => last(events) === checksum);
    // No save follows, so the last plan must be the right one.
    await sleep(1_600);
    expect(last(watching.events)).toBe(checksum);
    expect((await watching.stop()).exitCode).toBe(130);
    // By then all code has run and the heap has reached its size.
    const [early = 0, late = 0] = [sizes.at(4), sizes.at(-1)];
    if (LONG) expect(late).toBeLessThan(early * 1.25);
    keepFigures('watch: random saves', {
      saves: SAVES,
      plans: typesOf(watching.events).filter((type) => type === 'planned').length,
      kept: typesOf(watching.events).filter((type) => type === 'plan-skipped').length,
      earlyKb: early,
      lateKb: late,
      kbAtEachTenth: sizes.join(' '),
    });
  },
  600_000 + SAVES * 1000,
);

test(
  'with --apply, random saves end in the live state, with one apply at a time',
  async () => {
    await using rig = await Rig.start();
    mkdirSync(join(rig.folder, 'connections'));
    const random = randomFrom(SEED + 1);
    await using watching = new WatchProcess(rig, '--apply --yes');
    await watching.waitFor('planned');
    for (let save = 1; save <= SAVES / 5; save += 1) {
      act(rig, random);
      if (random.between(0, 2) === 0) await sleep(random.between(0, 120));
    }
    fixManifests(rig);
    // Save once more, so that there is something to apply.
    rig.write('connections/last.yaml', manifest('users/last', ['last']));
    await watching.waitFor('applied', 0, { key: 'users/last' });
    await sleep(1_600);
    const { stdout } = await rig.live('plan --format json');
    expect(JSON.parse(stdout)).toMatchObject({
      summary: { create: 0, update: 0 },
      problems: expect.anything() as unknown,
    });
    expect(rig.datadog.oracle.duplicates).toBe(0);
    expect(rig.writes().filter((request) => request.startsWith('DELETE '))).toEqual([]);
    await watching.stop();
    // An apply that has begun must end before the next plan.
    let under = 0;
    for (const { type } of watching.events) {
      if (type === 'started') under += 1;
      if (type === 'applied' || type === 'failed') under -= 1;
      if (type === 'planned' || type === 'files-changed') expect(under).toBe(0);
    }
  },
  600_000 + SAVES * 1000,
);
