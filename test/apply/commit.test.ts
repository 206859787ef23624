import { describe, expect, test } from 'vitest';
import { commitRecords } from '../../src/apply/commit.ts';
import type { LockfileHeader, Snapshot, StateStore } from '../../src/core/ports.ts';
import { byKey, recorded } from '../core/samples.ts';

type State = Parameters<StateStore['commit']>[0];

const EU: LockfileHeader = { site: 'datadoghq.eu', org: 'ours', manifests: ['teams/a'] };
const NOTHING: Snapshot = { header: undefined, records: new Map(), open: [], uncommitted: [], version: 'empty' };

/** Commits `users/a` after another process committed `users/b` under the given header. */
async function commitAfter(theirs: LockfileHeader | undefined, ours: LockfileHeader = EU): Promise<State> {
  const latest: Snapshot = {
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
      load: async () => latest,
      intend: async () => {},
      settle: async () => {},
      commit: async (state, version) => {
        if (version !== latest.version) return { conflict: true, message: 'somebody was faster' };
        committed = state;
        return 'ours';
      },
    },
    snapshot: NOTHING,
    header: ours,
    records: byKey(recorded('users/a')),
    lockfile: 'connections.lock',
    clock: { sleep: async () => {}, random: () => 0 },
    abort: { cut: new AbortController().signal },
    report: () => {},
  });
  if (committed === undefined) throw new Error('nothing was committed');
  return committed;
}

describe('records that another process committed first', () => {
  test('are kept next to ours, with both sets of folders, so a run over the other folder prunes neither', async () => {
    const { header, records } = await commitAfter({ ...EU, manifests: ['teams/b'] });
    expect([...records.keys()].sort()).toEqual(['users/a', 'users/b']);
    expect(header.manifests).toEqual(['teams/a', 'teams/b']);
  });

  test('from the same folders, or without folders, leave ours unchanged', async () => {
    expect((await commitAfter(EU)).header).toEqual(EU);
    expect((await commitAfter(undefined)).header).toEqual(EU);
  });

  test('keep the members that a newer connsync wrote, and the organisation if only they have it', async () => {
    const { header } = await commitAfter({ ...EU, unknown: { later: 1 } }, { site: EU.site, manifests: EU.manifests });
    expect(header).toEqual({ ...EU, unknown: { later: 1 } });
  });

  test.each([
    ['site', { ...EU, site: 'datadoghq.com' }],
    ['organisation', { ...EU, org: 'theirs' }],
  ])('for another %s are not mixed with ours', async (_, theirs) => {
    await expect(commitAfter(theirs)).rejects.toMatchObject({ code: 'lockfile-changed' });
  });
});
