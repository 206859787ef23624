/** Whether two lists name the same folders, in whatever order and however often. */
export function sameFolders(a: readonly string[], b: readonly string[]): boolean {
  const [one, two] = [new Set(a), new Set(b)];
  return one.size === two.size && [...one].every((folder) => two.has(folder));
}
