import { escapeControl } from '../core/escape-control.ts';

/** An annotation and its position. Lines and columns count from 1; the end is exclusive. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  /** The text of the annotation, which may have several lines. */
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly endLine?: number | undefined;
  readonly endColumn?: number | undefined;
}

/**
 * Maximum length of a message. Longer messages are truncated, because they are unreadable as annotations and the runner
 * has to keep the whole line in memory.
 */
const LONGEST_MESSAGE = 4_000;

/**
 * Returns one workflow command, without a line break. Adds columns only if the start and the end are on one line,
 * because GitHub rejects columns in other annotations.
 */
export function workflowCommand({ level, message, ...place }: Annotation): string {
  const { title, file, line, column, endLine = line, endColumn } = place;
  const columns = column !== undefined && endColumn !== undefined && endLine === line ? { col: column, endColumn } : {};
  const properties = Object.entries({ file, line, ...columns, endLine: endLine === line ? undefined : endLine, title })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${escapedProperty(String(value))}`);
  return `::${level} ${properties.join(',')}::${escapedData(shortened(message))}`;
}

function shortened(message: string): string {
  // Truncates roughly before escaping, since a message may hold a whole manifest.
  const text = message
    .slice(0, 2 * LONGEST_MESSAGE)
    .split('\n')
    .map(escapeControl)
    .join('\n');
  return text.length <= LONGEST_MESSAGE ? text : `${text.slice(0, LONGEST_MESSAGE).toWellFormed()}…`;
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(escapeControl(text)).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
