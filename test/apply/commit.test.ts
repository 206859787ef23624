import { describe, expect, test } from 'vitest';
import { commitRecords } from '../../src/apply/commit.ts';
import type { LockfileHeader, Snapshot, StateStore } from '../../src/core/ports.ts';
import { byKey, recorded } from '../core/samples.ts';

type State = Parameters<StateStore['commit']>[0];

const EU: LockfileHeader = { site: 'datadoghq.eu', org: 'ours', manifests: ['teams/a'] };
const NOTHING: Snapshot = { header: undefined, records: new Map(), open: [], uncommitted: [], version: 'empty' };

/** Commits `users/a` after somebody else committed `users/b` under that header. */
async function commitAfter(theirs: LockfileHeader | undefined, ours: LockfileHeader = EU): Promise<State> {
  const there: Snapshot = {
    ...NOTHING,
    header: theirs,
    records: byKey(recorded('users/b')),
    version: 'theirs',
  };
  let committed: State | undefined;
  await commitRecords({
    state: {
      intendsAtOnce: false,
      hold: async () => async () => {},
      load: async () => there,
      intend: async () => {},
      settle: async () => {},
      commit: async (state, version) => {
        if (version !== there.version) return { conflict: true, message: 'somebody was faster' };
        committed = state;
        return 'ours';
      },
    },
    snapshot: NOTHING,
    header: ours,
    records: byKey(recorded('users/a')),
    lockfile: 'connections.lock',
    pause: async () => {},
    cut: new AbortController().signal,
    random: () => 0,
    report: () => {},
  });
  if (committed === undefined) throw new Error('nothing was committed');
  return committed;
}

describe('what somebody else committed first', () => {
  test('stays beside ours, with the folders of both: neither is pruned by a run over the other', async () => {
    const { header, records } = await commitAfter({ ...EU, manifests: ['teams/b'] });
    expect([...records.keys()].sort()).toEqual(['users/a', 'users/b']);
    expect(header.manifests).toEqual(['teams/a', 'teams/b']);
  });

  test('from the same folders, or without any, leaves ours as they are', async () => {
    expect((await commitAfter(EU)).header).toEqual(EU);
    expect((await commitAfter(undefined)).header).toEqual(EU);
  });

  test('keeps what a newer connsync wrote there, and an organisation that only it knows', async () => {
    const { header } = await commitAfter({ ...EU, unknown: { later: 1 } }, { site: EU.site, manifests: EU.manifests });
    expect(header).toEqual({ ...EU, unknown: { later: 1 } });
  });

  test.each([
    ['site', { ...EU, site: 'datadoghq.com' }],
    ['organisation', { ...EU, org: 'theirs' }],
  ])('for another %s is not mixed with ours', async (_, theirs) => {
    await expect(commitAfter(theirs)).rejects.toMatchObject({ code: 'lockfile-changed' });
  });
});
