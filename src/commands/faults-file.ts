import { compact } from '../core/compact.ts';
import { resolve } from 'node:path';
import { problem, type Problem } from '../core/diagnostic.ts';
import type { Faults } from '../emulator/server.ts';
import { readManifestBytes } from '../files/read.ts';
import { loadFaults, type FaultsFile } from '../manifest/faults.ts';
import { decodeText } from '../manifest/load.ts';
import { displayPath } from '../session/display-path.ts';

/** Returns the faults in a file, or the problems of the file. */
export function readFaults(
  cwd: string,
  file: string,
): { readonly faults?: Faults; readonly problems: readonly Problem[] } {
  const path = displayPath(cwd, resolve(cwd, file));
  const read = readManifestBytes(resolve(cwd, file), MAX_BYTES);
  if ('code' in read) {
    const hint = 'pass a fault file after --faults';
    return { problems: [problem('unreadable-file', read.message, { file: path, hint })] };
  }
  const decoded = decodeText(read.bytes, path);
  if ('problem' in decoded) return { problems: [decoded.problem] };
  const { faults, problems } = loadFaults(decoded.text, path);
  return { problems, ...(faults === undefined ? {} : { faults: toFaults(faults) }) };
}

const MAX_BYTES = 1024 * 1024;

function toFaults({ list_lag_ms: listLagMs, ...rest }: FaultsFile): Faults {
  return { ...rest, ...compact({ listLagMs }) };
}
