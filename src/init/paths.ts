/** Paths of the files that init writes, relative to the working directory. */
export const SETTINGS = 'connsync.yaml';
export const EDITOR_SETTINGS = '.vscode/settings.json';
/**
 * The paths of the schemas. Their folder also has the editor's settings. It is hidden, so no run reads the schemas as
 * manifests. The schemas match the version of connsync that wrote them.
 */
export const CONNECTION_SCHEMA = '.vscode/connsync.schema.json';
export const SETTINGS_SCHEMA = '.vscode/connsync-settings.schema.json';
export const ATTRIBUTES = '.gitattributes';
export const IGNORED = '.gitignore';
export const WORKFLOWS = '.github/workflows';
