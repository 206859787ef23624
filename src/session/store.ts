import type { StateStore } from '../core/ports.ts';
import { writeAtomically } from '../files/atomic-write.ts';
import { fileStore } from '../state/file-store.ts';
import type { StoreOptions, Runtime } from '../runtime/runtime.ts';

/** The state store of a lockfile: where the rim keeps it, or the file itself. */
export function openStore({ path, shown }: StoreOptions, runtime: Pick<Runtime, 'openStore' | 'now'>): StateStore {
  return runtime.openStore?.({ path, shown }) ?? fileStore({ path, shown, write: writeAtomically, now: runtime.now });
}
