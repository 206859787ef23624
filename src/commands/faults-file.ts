import { compact } from '../core/compact.ts';
import { resolve } from 'node:path';
import { problem, type Problem } from '../core/diagnostic.ts';
import type { Faults } from '../emulator/server.ts';
import { readManifestBytes } from '../files/read.ts';
import { loadFaults, type FaultsFile } from '../manifest/faults.ts';
import { decodeText } from '../manifest/load.ts';
import { displayPath } from '../session/display-path.ts';

/** Reads a file of faults. Without faults, the problems say why there are none. */
export function readFaults(
  cwd: string,
  file: string,
): { readonly faults?: Faults; readonly problems: readonly Problem[] } {
  const shown = displayPath(cwd, resolve(cwd, file));
  const read = readManifestBytes(resolve(cwd, file), MAX_BYTES);
  if ('code' in read) {
    const hint = 'name a file of faults after --faults';
    return { problems: [problem('unreadable-file', read.message, { file: shown, hint })] };
  }
  const decoded = decodeText(read.bytes, shown);
  if ('problem' in decoded) return { problems: [decoded.problem] };
  const { faults, problems } = loadFaults(decoded.text, shown);
  return { problems, ...(faults === undefined ? {} : { faults: toFaults(faults) }) };
}

const MAX_BYTES = 1024 * 1024;

function toFaults({ list_lag_ms: listLagMs, ...rest }: FaultsFile): Faults {
  return { ...rest, ...compact({ listLagMs }) };
}
