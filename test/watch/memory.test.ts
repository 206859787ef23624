import { describe, expect, test } from 'vitest';
import { join } from 'node:path';
import { readManifestBytes } from '../../src/files/read.ts';
import { walkManifests } from '../../src/files/walk.ts';
import { openMemory } from '../../src/manifest/memory.ts';
import { readManifests } from '../../src/manifest/read-all.ts';
import type { ManifestFiles } from '../../src/core/ports.ts';
import { manifest, Rig } from '../rig/rig.ts';

function filesOf({ folder }: Rig): ManifestFiles {
  return {
    list: () => walkManifests(['connections'], { cwd: folder, maxFiles: 1_000 }),
    read: (file) => readManifestBytes(join(folder, file), 2 ** 20),
  };
}

describe('manifests that are read again', () => {
  test('are parsed again only where a byte changed: one save, one parse', async () => {
    await using rig = await Rig.start();
    for (let index = 0; index < 20; index += 1)
      rig.write(`connections/c${index}.yaml`, manifest(`users/c${index}`, [`f${index}`]));
    const memory = openMemory();
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

  test('say by their contents what is different, also where nothing can be read', async () => {
    await using rig = await Rig.start();
    const memory = openMemory();
    const source = filesOf(rig);
    expect([...memory.read(source).contents]).toEqual([['connections', 'missing']]);
    rig.write('connections/a.yaml', manifest('users/a'));
    const { contents } = memory.read(source);
    expect([...contents.keys()]).toEqual(['connections/a.yaml']);
    rig.write('connections/a.yaml', Buffer.from([0xff, 0xfe, 0x41]).toString('latin1'));
    expect(memory.read(source).contents).not.toEqual(contents);
  });
});
