import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Failure } from '../core/diagnostic.ts';
import { uuidFrom } from './organisation.ts';
import { loadSaved, makeDataDir, saver } from './persist.ts';
import { Store } from './store.ts';
import { ENTITIES } from './wire.ts';

/** The emulator's state in memory, and on disk if it has a data folder. */
export interface Data {
  readonly store: Store;
  readonly organisation: string;
  /** Resolves when the current state is on disk, or immediately if there is nothing to write. */
  readonly save: () => Promise<void>;
  /** Waits for the last requested write. Throws a Failure if it failed. */
  readonly settle: () => Promise<void>;
}

/**
 * Opens a data folder, or keeps the data in memory if no folder is given. Writes the data file immediately, so that an
 * unwritable folder is reported before the first request.
 */
export async function openData(options: {
  readonly dataDir?: string;
  readonly readOnlyData?: boolean;
  readonly organisation?: string;
}): Promise<Data> {
  const { dataDir } = options;
  if (dataDir === undefined) return inMemory(new Store(), options.organisation ?? randomUUID());

  const saved = await loadSaved(dataDir);
  const organisation = options.organisation ?? saved?.organisation ?? uuidFrom(resolve(dataDir));
  const store = new Store(saved?.connections);
  if (options.readOnlyData === true) return inMemory(store, organisation);

  await makeDataDir(dataDir);
  const data = onDisk(dataDir, store, organisation);
  if (saved === undefined) {
    data.save().catch(() => {});
    await data.settle();
  }
  return data;
}

function inMemory(store: Store, organisation: string): Data {
  return { store, organisation, save: async () => {}, settle: async () => {} };
}

function onDisk(dataDir: string, store: Store, organisation: string): Data {
  const write = saver(dataDir, () => ({
    organisation,
    connections: store.everything(),
    shared: ENTITIES.flatMap((entity) => store.shared(entity).map((id) => `${entity}/${id}`)),
  }));
  let latest: Promise<void> = Promise.resolve();
  return {
    store,
    organisation,
    save: () => {
      latest = write();
      return latest;
    },
    settle: async () => {
      await latest.catch((cause: Error) => {
        throw new Failure('disk-failure', `The emulator could not write its data: ${cause.message}`, { cause });
      });
    },
  };
}
