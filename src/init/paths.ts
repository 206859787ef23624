/** Paths of the files that init writes, relative to the working directory. */
export const SETTINGS = 'connsync.yaml';
export const EDITOR_SETTINGS = '.vscode/settings.json';
/**
 * In the folder of the editor's settings: it is hidden, so no run reads them as manifests, and they match the version
 * that wrote them.
 */
export const CONNECTION_SCHEMA = '.vscode/connsync.schema.json';
export const SETTINGS_SCHEMA = '.vscode/connsync-settings.schema.json';
export const ATTRIBUTES = '.gitattributes';
export const IGNORED = '.gitignore';
export const WORKFLOWS = '.github/workflows';
