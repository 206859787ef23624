import { readdirSync, realpathSync, statSync, type Dirent } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { byCodeUnit } from '../core/connection.ts';
import { isManifestName } from '../core/manifest-name.ts';
import { problem, type Problem } from '../core/diagnostic.ts';

/** Maximum depth of folders below a manifest folder. */
const MAX_DEPTH = 16;

export interface Walked {
  /**
   * Paths of the manifests relative to `cwd`, with forward slashes, sorted by code unit. A file below two of the
   * folders appears once.
   */
  readonly files: readonly string[];
  /**
   * Links and special files that look like manifests, folders that are too deep or unreadable, and an exceeded file
   * limit.
   */
  readonly problems: readonly Problem[];
  /** Folders that do not exist, as they were given. */
  readonly missing: readonly string[];
  /** Paths that may contain manifests but were not read: links, special files, and folders named like a manifest. */
  readonly unread: readonly string[];
}

interface Walk {
  readonly maxFiles: number;
  /** Paths of the manifests, keyed by real path to detect two paths to the same file. */
  readonly files: Map<string, string>;
  readonly problems: Problem[];
  readonly unread: string[];
  /** Number of files that look like manifests, including links and special files, which are reported one by one. */
  seen: number;
}

/**
 * Finds every manifest below some folders. Follows no links (only a given folder itself may be one), so that it reads
 * nothing outside the folders and never loops. It uses `readdir` with file types, because its `recursive` option would
 * follow links.
 */
export function walkManifests(
  folders: readonly string[],
  { cwd, maxFiles }: { readonly cwd: string; readonly maxFiles: number },
): Walked {
  const walk: Walk = { maxFiles, files: new Map(), problems: [], unread: [], seen: 0 };
  const missing: string[] = [];
  for (const folder of folders) {
    const path = resolve(cwd, folder);
    const name = displayPath(cwd, path);
    const real = realPath(path);
    if ('error' in real) {
      if (isMissing(real.error)) missing.push(folder);
      else walk.problems.push(unreadable(name, real.error));
      continue;
    }
    visit(walk, { path: real.path, name, depth: 0 });
  }
  return { files: [...walk.files.values()].sort(byCodeUnit), problems: walk.problems, missing, unread: walk.unread };
}

interface Folder {
  /** The folder's real path. */
  readonly path: string;
  /** The folder's path in messages, and the prefix of its files' paths. */
  readonly name: string;
  readonly depth: number;
}

function visit(walk: Walk, folder: Folder): void {
  if (folder.depth > MAX_DEPTH) {
    const message = `${folder.name} is more than ${MAX_DEPTH} folders deep`;
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
  const isManifest = isManifestName(entry.name);
  if (entry.isDirectory()) {
    if (isManifest) reportUnread(walk, inside.name, entry);
    visit(walk, { ...inside, depth: depth + 1 });
    return;
  }
  if (!isManifest && entry.isSymbolicLink() && mayBeFolder(inside.path)) reportUnread(walk, inside.name, entry);
  if (!isManifest || walk.files.has(inside.path)) return;
  walk.seen += 1;
  if (walk.seen > walk.maxFiles) walk.problems.push(tooMany(inside.name, walk.maxFiles));
  else if (entry.isFile()) walk.files.set(inside.path, inside.name);
  else reportUnread(walk, inside.name, entry);
}

function tooMany(name: string, maxFiles: number): Problem {
  const hint = 'check --dir, or increase --max-files';
  return problem('too-many-files', `there are more than ${maxFiles} manifests`, { hint, ...placeOf(name) });
}

// Reports whether a name is that of a hidden file or of an editor's temporary file: .x.yaml.swp, .#x.yaml, ~$x.yaml.
function isHidden(name: string): boolean {
  return name.startsWith('.') || name.startsWith('~');
}

/**
 * Reports whether a link may point to a folder, and so hide the manifests in it. A broken link may have pointed to one.
 */
function mayBeFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return true;
  }
}

function reportUnread(walk: Walk, name: string, entry: Dirent): void {
  walk.unread.push(name);
  walk.problems.push(notRegular(name, entry));
}

function notRegular(name: string, entry: Dirent): Problem {
  const what = entry.isSymbolicLink() ? 'a link' : entry.isDirectory() ? 'a folder' : 'not a regular file';
  const hint = 'replace it with the manifest itself, or delete it';
  return problem('linked-file', `${name} is ${what}, so connsync does not read it`, { hint, ...placeOf(name) });
}

function unreadable(name: string, error: unknown): Problem {
  const hint = 'choose a folder that you have permission to read';
  const message = `connsync can't read ${name}: ${systemMessage(error)}`;
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

// Returns the system's message without the absolute path that Node adds.
function systemMessage(error: unknown): string {
  return error instanceof Error ? error.message.replace(/, \w+ '.*$/, '') : String(error);
}

/** Returns a path for messages and records: relative if possible (not across drives), with forward slashes. */
function displayPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  const name = short === '' ? '.' : isAbsolute(short) ? path : short;
  return sep === '/' ? name : name.split(sep).join('/');
}
