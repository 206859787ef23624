import { describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { readManifestBytes, stampOf } from '../../src/files/read.ts';
import { walkManifests } from '../../src/files/walk.ts';
import { openManifestCache } from '../../src/manifest/manifest-cache.ts';
import { readManifests } from '../../src/manifest/read-all.ts';
import type { ManifestFiles } from '../../src/core/ports.ts';
import { manifest, Rig } from '../rig/rig.ts';

function filesOf({ folder }: Rig): ManifestFiles {
  return {
    list: () => walkManifests(['connections'], { cwd: folder, maxFiles: 1_000 }),
    read: (file) => readManifestBytes(join(folder, file), 2 ** 20),
  };
}

/** The same files some time later, when their timestamps are reliable. */
function laterFilesOf(rig: Rig, read: string[]): ManifestFiles {
  const files = filesOf(rig);
  return {
    ...files,
    stamp: (file) => stampOf(join(rig.folder, file), Date.now() + 60_000),
    read: (file) => {
      read.push(file);
      return files.read(file);
    },
  };
}

describe('re-reading manifests', () => {
  test('skips files whose metadata did not change', async () => {
    await using rig = await Rig.start();
    for (const id of ['a', 'b', 'c']) rig.write(`connections/${id}.yaml`, manifest(`users/${id}`, [id]));
    const memory = openManifestCache();
    const read: string[] = [];
    const source = laterFilesOf(rig, read);
    memory.read(source);
    expect(read.splice(0)).toHaveLength(3);
    memory.read(source);
    expect(read.splice(0)).toEqual([]);
    rig.write('connections/b.yaml', manifest('users/b', ['x']));
    expect(memory.read(source).manifests).toEqual(readManifests(filesOf(rig)));
    expect(read.splice(0)).toEqual(['connections/b.yaml']);
  });

  test('includes recently written files, because a second write may leave the same timestamps', async () => {
    await using rig = await Rig.start();
    const file = 'connections/a.yaml';
    rig.write(file, manifest('users/a', ['one']));
    expect(stampOf(join(rig.folder, file), Date.now())).toBeUndefined();
    expect(stampOf(join(rig.folder, file), Date.now() + 60_000)).toBeDefined();
    expect(stampOf(join(rig.folder, 'connections'), Date.now() + 60_000)).toBeUndefined();
    expect(stampOf(join(rig.folder, 'connections/none.yaml'), Date.now() + 60_000)).toBeUndefined();
  });

  test('parses only files with changed bytes: one save, one parse', async () => {
    await using rig = await Rig.start();
    for (let index = 0; index < 20; index += 1)
      rig.write(`connections/c${index}.yaml`, manifest(`users/c${index}`, [`f${index}`]));
    const memory = openManifestCache();
    const source = filesOf(rig);
    expect(memory.read(source).parsed).toBe(20);
    expect(memory.read(source).parsed).toBe(0);
    rig.write('connections/c7.yaml', manifest('users/c7', ['edited']));
    const edited = memory.read(source);
    expect(edited.parsed).toBe(1);
    expect(edited.manifests).toEqual(readManifests(source));
    rig.write('connections/c7.yaml', manifest('users/c7', ['edited']));
    expect(memory.read(source).parsed).toBe(0);
    rig.write('connections/c8.yaml', 'entity: [');
    expect(memory.read(source)).toMatchObject({ parsed: 1, manifests: readManifests(source) });
    rig.remove('connections/c8.yaml');
    expect(memory.read(source)).toMatchObject({ parsed: 0, manifests: readManifests(source) });
  });

  test('detects differences by content, also if nothing is readable', async () => {
    await using rig = await Rig.start();
    const memory = openManifestCache();
    const source = filesOf(rig);
    expect([...memory.read(source).contents]).toEqual([['connections', 'missing']]);
    rig.write('connections/a.yaml', manifest('users/a'));
    const { contents } = memory.read(source);
    expect([...contents.keys()]).toEqual(['connections/a.yaml']);
    rig.write('connections/a.yaml', Buffer.from([0xff, 0xfe, 0x41]).toString('latin1'));
    expect(memory.read(source).contents).not.toEqual(contents);
  });
});
