/** Where things stand that init writes, relative to the working directory. */
export const SETTINGS = 'connsync.yaml';
export const EDITOR_SETTINGS = '.vscode/settings.json';
/** Beside the editor's settings: hidden, so that no run takes them for manifests, and of the version that wrote them. */
export const CONNECTION_SCHEMA = '.vscode/connsync.schema.json';
export const SETTINGS_SCHEMA = '.vscode/connsync-settings.schema.json';
export const ATTRIBUTES = '.gitattributes';
export const IGNORED = '.gitignore';
export const WORKFLOWS = '.github/workflows';
