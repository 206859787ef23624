import { escapeControl } from '../core/escape-control.ts';

/** What an annotation says, and of which place. Lines and columns count from 1; the end is exclusive. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  /** May be many lines. */
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly endLine?: number | undefined;
  readonly endColumn?: number | undefined;
}

/** Longer messages are cut: the runner reads a line as a whole, and nobody reads such an annotation. */
const LONGEST_MESSAGE = 4_000;

/**
 * One workflow command, as a line without its end. GitHub shows columns only where the place begins and ends on one line,
 * and refuses an annotation that has them elsewhere.
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
  // Cut with room to spare before it is looked at closely: a message may hold a whole manifest.
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
