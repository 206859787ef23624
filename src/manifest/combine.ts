import type { DesiredConnection, Key } from '../core/connection.ts';
import type { Problem } from '../core/diagnostic.ts';
import type { LoadedFile } from './loaded.ts';
import { byPlace } from './order.ts';
import { checkAcross } from './rules.ts';

export interface Combined {
  /**
   * The connections of all documents without an error. If several documents have the same key, only the first is
   * included.
   */
  readonly desired: ReadonlyMap<Key, DesiredConnection>;
  /** Documents with an error whose entity and id are valid. */
  readonly broken: readonly { readonly key: Key; readonly file: string }[];
  /** Problems of each file and of the rules across files: files in the given order, each sorted by line and column. */
  readonly problems: readonly Problem[];
  /** Numbers of files and documents read. */
  readonly manifests: number;
  readonly connections: number;
}

/** Combines the connections, problems and counts of all files. */
export function combine(files: readonly LoadedFile[]): Combined {
  const desired = new Map<Key, DesiredConnection>();
  const broken: { key: Key; file: string }[] = [];
  let connections = 0;
  for (const { file, documents, documentCount } of files) {
    connections += documentCount;
    for (const document of documents) {
      if (document.desired === undefined) {
        if (document.key !== undefined) broken.push({ key: document.key, file });
      } else if (!desired.has(document.desired.key)) {
        desired.set(document.desired.key, document.desired);
      }
    }
  }
  return { desired, broken, problems: allProblems(files), manifests: files.length, connections };
}

function allProblems(files: readonly LoadedFile[]): readonly Problem[] {
  const across = new Map<string, Problem[]>();
  for (const problem of checkAcross(files)) {
    const file = problem.file ?? '';
    const others = across.get(file);
    if (others === undefined) across.set(file, [problem]);
    else others.push(problem);
  }
  return files.flatMap(({ file, problems }) => {
    const more = across.get(file);
    return more === undefined ? problems : [...problems, ...more].sort(byPlace);
  });
}
