import type { DesiredConnection, Key } from '../core/connection.ts';
import type { Problem } from '../core/diagnostic.ts';
import type { Source } from './source.ts';

/** A document of a manifest, with what the rules across files need. Where things stand is found again when they ask. */
export interface LoadedDocument {
  /** Only where it has no error. */
  readonly desired?: DesiredConnection;
  /** Wherever entity and id are right, whatever else is wrong. */
  readonly key?: Key;
  readonly entity?: string;
  /** The ids of its fields that could be read, where there is no `desired` to ask. */
  readonly fieldIds?: readonly string[];
  readonly source: Source;
  /** Its number among the documents of the file that could be read, from 0. */
  readonly number: number;
}

/** A manifest file, read and checked by itself. */
export interface LoadedFile {
  /** Relative to the working directory, with forward slashes. */
  readonly file: string;
  readonly documents: readonly LoadedDocument[];
  readonly problems: readonly Problem[];
  /** How many documents stand in it, those that could not be read too. */
  readonly documentCount: number;
}
