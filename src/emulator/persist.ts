import { compact } from '../core/compact.ts';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../core/diagnostic.ts';
import { connectionJson } from './connection-json.ts';
import { STORED } from './requests.ts';
import { exactly, identifier, listOf, record, text } from './shape.ts';
import { ENTITIES, type StoredConnection } from './wire.ts';

/** The contents of a data folder. */
export interface Saved {
  readonly organisation: string;
  readonly connections: ReadonlyMap<string, readonly StoredConnection[]>;
  /** Keys that belong to more than one connection, because the server accepted duplicates. */
  readonly shared: readonly string[];
}

/** Returns the path of the file in the data folder that holds all data. */
export function dataFile(dir: string): string {
  return join(dir, 'connections.json');
}

/**
 * Reads a data folder. Returns undefined if nothing was saved yet. Throws a Failure for a damaged file, and never
 * treats it as empty.
 */
export async function loadSaved(dir: string): Promise<Saved | undefined> {
  const file = dataFile(dir);
  const saved = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Failure('disk-failure', `The emulator can't read its data: ${error.message}`, {
      place: { file },
      cause: error,
    });
  });
  return saved === undefined ? undefined : parseSaved(saved, file);
}

/** Creates a data folder if it does not exist. */
export async function makeDataDir(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true }).catch((error: Error) => {
    throw new Failure('disk-failure', `The emulator can't create its data folder: ${error.message}`, { cause: error });
  });
}

/**
 * Returns a function that saves the whole file. Calls during a write share the next one, so that many concurrent
 * requests cost one write. A write contains the state at its start, and so the changes of all its callers.
 */
export function saver(dir: string, current: () => Saved): () => Promise<void> {
  const file = dataFile(dir);
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  return () => {
    next ??= last.then(ignore, ignore).then(() => {
      next = undefined;
      return write(file, render(current()));
    });
    last = next;
    return next;
  };
}

function ignore(): void {}

/**
 * Returns the text of the data file, with one connection per line for readability and small diffs. The text lists ids
 * that several connections share, so that any other repeated id is detected as damage.
 */
function render({ organisation, connections, shared }: Saved): string {
  const entities = ENTITIES.map((entity) => {
    const lines = (connections.get(entity) ?? []).map(connectionJson);
    return `${JSON.stringify(entity)}:[\n${lines.join(',\n')}\n]`;
  });
  const named = shared.length === 0 ? '' : `"shared":${JSON.stringify(shared)},`;
  return `{"version":1,"organisation":${JSON.stringify(organisation)},${named}"entities":{${entities.join(',')}}}\n`;
}

/**
 * Writes the file without fsync: killing the process loses nothing, and losing emulator data in a power failure is
 * acceptable.
 */
async function write(file: string, content: string): Promise<void> {
  const temporary = `${file}.tmp`;
  await rm(temporary, { force: true });
  const handle = await open(temporary, 'wx', 0o600);
  try {
    // `writeFile` would write in chunks, each with a separate wait for a thread.
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
}

function parseSaved(content: string, file: string): Saved {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (cause) {
    throw damaged(file, 'it is not JSON', cause);
  }
  const [complaint] = SAVED(value, []);
  if (complaint !== undefined) throw damaged(file, complaint.detail.replace(/\.$/, ''));
  const { organisation, entities, shared = [] } = value as SavedFile;
  const connections = new Map(ENTITIES.map((entity) => [entity, entities[entity] ?? []]));
  for (const [entity, list] of connections) {
    const single = list.map(({ id }) => id).filter((id) => !shared.includes(`${entity}/${id}`));
    if (new Set(single).size < single.length) throw damaged(file, `an id is repeated in ${entity}`);
  }
  return { organisation, connections, shared };
}

function damaged(file: string, why: string, cause?: unknown): Failure {
  return new Failure('disk-failure', `The emulator's data in ${file} is damaged: ${why}.`, {
    hint: 'Move the file away to start with no data.',
    place: { file },
    ...compact({ cause }),
  });
}

interface SavedFile {
  readonly organisation: string;
  readonly shared?: readonly string[];
  readonly entities: Readonly<Record<string, readonly StoredConnection[] | undefined>>;
}

const SAVED = record(
  {
    version: exactly(1),
    organisation: identifier,
    entities: record(Object.fromEntries(ENTITIES.map((entity) => [entity, listOf(STORED)])), {}),
  },
  { shared: listOf(text) },
);
