import { readdirSync, realpathSync, type Dirent } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { byCodeUnit } from '../core/connection.ts';
import { problem, type Problem } from '../core/diagnostic.ts';

/** Folders below a folder of manifests nest at most this deep. */
const MAX_DEPTH = 16;

export interface Walked {
  /** Relative to `cwd`, with forward slashes, sorted by code unit; a file that two folders lead to stands here once. */
  readonly files: readonly string[];
  /** Links and special files that look like manifests, folders too deep or unreadable, more files than asked for. */
  readonly problems: readonly Problem[];
  /** Folders that do not exist, as they were given. */
  readonly missing: readonly string[];
}

interface Walk {
  readonly maxFiles: number;
  /** By the real path, so that two ways to one file are seen as such. */
  readonly files: Map<string, string>;
  readonly problems: Problem[];
  /** Everything that looks like a manifest: links and special files are told one by one, and count too. */
  seen: number;
}

/**
 * Finds every manifest below some folders. Links are never followed (only a folder that was named itself may be one), so
 * that nothing outside is read and no loop is walked: `readdir` with file types tells them apart, its `recursive`
 * option would walk into them.
 */
export function walkManifests(
  folders: readonly string[],
  { cwd, maxFiles }: { readonly cwd: string; readonly maxFiles: number },
): Walked {
  const walk: Walk = { maxFiles, files: new Map(), problems: [], seen: 0 };
  const missing: string[] = [];
  for (const folder of folders) {
    const path = resolve(cwd, folder);
    const name = shown(cwd, path);
    const real = realPath(path);
    if ('error' in real) {
      if (isMissing(real.error)) missing.push(folder);
      else walk.problems.push(unreadable(name, real.error));
      continue;
    }
    visit(walk, { path: real.path, name, depth: 0 });
  }
  return { files: [...walk.files.values()].sort(byCodeUnit), problems: walk.problems, missing };
}

interface Folder {
  /** Its real path. */
  readonly path: string;
  /** What it is called in problems, and what the names of its files begin with. */
  readonly name: string;
  readonly depth: number;
}

function visit(walk: Walk, folder: Folder): void {
  if (folder.depth > MAX_DEPTH) {
    const message = `${folder.name} lies more than ${MAX_DEPTH} folders deep`;
    walk.problems.push(problem('folder-too-deep', message, { hint: 'move its manifests up', ...placeOf(folder.name) }));
    return;
  }
  let entries: readonly Dirent[];
  try {
    entries = readdirSync(folder.path, { withFileTypes: true });
  } catch (error) {
    walk.problems.push(unreadable(folder.name, error));
    return;
  }
  for (const entry of entries) {
    if (walk.seen > walk.maxFiles) return;
    if (!isHidden(entry.name)) take(walk, folder, entry);
  }
}

function take(walk: Walk, { path, name, depth }: Folder, entry: Dirent): void {
  const inside = { path: `${path}${sep}${entry.name}`, name: name === '.' ? entry.name : `${name}/${entry.name}` };
  if (entry.isDirectory()) {
    visit(walk, { ...inside, depth: depth + 1 });
    return;
  }
  if (!looksLikeManifest(entry.name) || walk.files.has(inside.path)) return;
  walk.seen += 1;
  if (walk.seen > walk.maxFiles) walk.problems.push(tooMany(inside.name, walk.maxFiles));
  else if (entry.isFile()) walk.files.set(inside.path, inside.name);
  else walk.problems.push(notRegular(inside.name, entry));
}

function tooMany(name: string, maxFiles: number): Problem {
  const hint = 'is --dir the right folder? --max-files allows more';
  return problem('too-many-files', `there are more than ${maxFiles} manifests`, { hint, ...placeOf(name) });
}

// Hidden files, and what editors leave beside a file while it is open: .x.yaml.swp, .#x.yaml, ~$x.yaml.
function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('~');
}

function looksLikeManifest(name: string): boolean {
  return name.endsWith('.yaml') || name.endsWith('.yml') || name.endsWith('.json');
}

function notRegular(name: string, entry: Dirent): Problem {
  const what = entry.isSymbolicLink() ? 'a link' : 'no regular file';
  const hint = 'put the manifest itself here, or delete this';
  return problem('linked-file', `${name} is ${what}, and is not read`, { hint, ...placeOf(name) });
}

function unreadable(name: string, error: unknown): Problem {
  const hint = 'name a folder that you may read';
  const message = `${name} can not be read: ${systemMessage(error)}`;
  return problem('unreadable-file', message, { hint, ...placeOf(name) });
}

function placeOf(file: string): Pick<Problem, 'file' | 'line' | 'column'> {
  return { file, line: 1, column: 1 };
}

function realPath(path: string): { readonly path: string } | { readonly error: unknown } {
  try {
    return { path: realpathSync.native(path) };
  } catch (error) {
    return { error };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

// Node's message repeats the path, as an absolute one.
function systemMessage(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+ '.*$/, '') : String(error);
}

/** A path as it is told and recorded: relative where that is possible (not over drives), with forward slashes. */
function shown(cwd: string, path: string): string {
  const short = relative(cwd, path);
  const name = short === '' ? '.' : isAbsolute(short) ? path : short;
  return sep === '/' ? name : name.split(sep).join('/');
}
