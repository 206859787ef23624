import type { StateStore } from '../core/ports.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import type { LockfilePath, Runtime } from '../runtime/runtime.ts';
import { fileStore } from '../state/file-store.ts';

/** Returns the state store of a lockfile: the runtime's own if it has one, otherwise a local file. */
export function openStore(lockfile: LockfilePath, runtime: Pick<Runtime, 'openStore' | 'clock'>): StateStore {
  const { path, displayPath: shown } = lockfile;
  return runtime.openStore?.(lockfile) ?? fileStore({ path, shown, write: writeAtomically, now: runtime.clock.now });
}
