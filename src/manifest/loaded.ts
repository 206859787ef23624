import type { DesiredConnection, Key } from '../core/connection.ts';
import type { Problem } from '../core/diagnostic.ts';
import type { Source } from './source.ts';

/**
 * A document of a manifest, with what the rules across files need. Positions are computed only when they are needed.
 */
export interface LoadedDocument {
  /** Defined only if the document has no error. */
  readonly desired?: DesiredConnection;
  /** Defined if entity and id are valid, whatever other errors there are. */
  readonly key?: Key;
  readonly entity?: string;
  /** The ids of its readable fields, if `desired` is undefined. */
  readonly fieldIds?: readonly string[];
  readonly source: Source;
  /** Index among the readable documents of the file, from 0. */
  readonly number: number;
}

/** A manifest file, read and checked without regard to other files. */
export interface LoadedFile {
  /** Relative to the working directory, with forward slashes. */
  readonly file: string;
  readonly documents: readonly LoadedDocument[];
  readonly problems: readonly Problem[];
  /** Number of documents in the file, including unreadable ones. */
  readonly documentCount: number;
}
