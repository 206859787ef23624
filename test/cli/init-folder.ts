import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Rig } from '../rig/rig.ts';

/** Returns the text of every file in a folder. */
export function contents(rig: Rig): Readonly<Record<string, string>> {
  const files = readdirSync(rig.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(rig.folder.length + 1), readFileSync(path, 'utf8')];
    }),
  );
}

/** Returns the requested number of connections of both entities, each with one or two fields. */
export function seed(rig: Rig, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const entity = index % 3 === 0 ? 'accounts' : 'users';
    const fields = [{ id: `field_${index}`, source_name: `Column ${index}`, type: 'string' }];
    rig.datadog.seed(entity, {
      id: `c-${index}`,
      type: 'ref_table',
      join_attribute: 'account_id',
      join_type: 'account_id',
      fields: index % 4 === 0 ? fields : [...fields, { id: `score_${index}`, source_name: 'n', type: 'number' }],
    });
  }
}
