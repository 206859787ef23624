import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../../..');

/** A workflow or an action file, from any source. */
export interface YamlSource {
  readonly kind: 'workflow' | 'action';
  /** Relative to the root of the repository. */
  readonly file: string;
  /** The number of lines in the file before this text. */
  readonly before: number;
  readonly text: string;
}

export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** Returns all files that users or GitHub read: workflows, the action, templates, and examples in the documentation. */
export function yamlSources(): readonly YamlSource[] {
  const files = [
    ...filesIn('.github/workflows', /\.ya?ml$/),
    ...filesIn('src/init/templates', /\.ya?ml$/),
    ...(existsSync(join(ROOT, 'action.yml')) ? ['action.yml'] : []),
  ];
  const documents = ['README.md', ...filesIn('docs', /\.md$/)];
  return [
    ...files.map((file) => ({ kind: kindOf(readRoot(file)) ?? 'workflow', file, before: 0, text: readRoot(file) })),
    ...documents.flatMap((file) => blocksIn(readRoot(file), file)),
  ];
}

/** Returns the blocks of a markdown text that are complete workflow or action files. */
export function blocksIn(markdown: string, file: string): readonly YamlSource[] {
  const lines = markdown.split(/\r?\n/);
  const found: YamlSource[] = [];
  for (let start = 0; start < lines.length; start += 1) {
    const [, indent, fence = ''] = /^(\s*)(`{3,}|~{3,})ya?ml\b/.exec(lines[start] ?? '') ?? [];
    if (indent === undefined) continue;
    const end = lines.findIndex((line, at) => at > start && line.trim().startsWith(fence));
    const inside = lines.slice(start + 1, end === -1 ? undefined : end).map((line) => unindented(line, indent));
    const text = `${inside.join('\n')}\n`;
    const kind = kindOf(text);
    if (kind !== undefined) found.push({ kind, file, before: start + 1, text });
    start = end === -1 ? lines.length : end;
  }
  return found;
}

function unindented(line: string, indent: string): string {
  return line.startsWith(indent) ? line.slice(indent.length) : line;
}

function kindOf(text: string): YamlSource['kind'] | undefined {
  const has = (key: string): boolean => new RegExp(`^['"]?${key}['"]?:`, 'm').test(text);
  if (has('runs')) return 'action';
  return has('on') && has('jobs') ? 'workflow' : undefined;
}

export function readRoot(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function filesIn(folder: string, name: RegExp): readonly string[] {
  if (!existsSync(join(ROOT, folder))) return [];
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => name.test(file))
    .map((file) => `${folder}/${file}`)
    .sort();
}
