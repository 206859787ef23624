import { Failure } from '../core/diagnostic.ts';
import { parseLockfile } from '../core/lockfile.ts';
import { mergeRecords } from '../core/merge.ts';
import type { Records } from '../core/ports.ts';

/** Returns a commit message such as `Record connections: 2 added, 1 changed`, with the URL of the run. */
export function commitMessage(before: string | undefined, after: string, runUrl: string): string {
  const [was, is] = [recordsIn(before), recordsIn(after)];
  const added = [...is.keys()].filter((key) => !was.has(key)).length;
  const removed = [...was.keys()].filter((key) => !is.has(key)).length;
  const same = [...mergeRecords(was, is, was).records].filter(([key, record]) => was.get(key) === record).length;
  const counts = { added, changed: is.size - added - same, removed };
  const parts = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
  return `Record connections${parts.length === 0 ? '' : `: ${parts.join(', ')}`}\n\nconnsync apply, ${runUrl}\n`;
}

function recordsIn(text: string | undefined): Records {
  try {
    return text === undefined ? new Map() : parseLockfile(text, 'the lockfile').records;
  } catch (cause) {
    if (cause instanceof Failure) return new Map();
    throw cause;
  }
}
