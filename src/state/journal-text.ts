import { crc32 } from 'node:zlib';
import type { Intent, Outcome, Version } from '../core/ports.ts';

/**
 * One line of the journal. `t` is in milliseconds since the epoch.
 *
 * | state                          | says                                                                    |
 * | ------------------------------ | ----------------------------------------------------------------------- |
 * | base                           | the lines that follow are about the lockfile of this version            |
 * | intent                         | this is about to be sent                                                |
 * | done, failed, aborted, unclear | how the intent of this key ended                                        |
 */
export type Line = { readonly seq: number; readonly t: number } & (
  | { readonly state: 'base'; readonly version: Version }
  | { readonly state: 'intent'; readonly intent: Intent }
  | Outcome
);

/** The text of a line, its checksum last. */
export function printLine(line: Line): string {
  const text = JSON.stringify(line);
  return `${text.slice(0, -1)},"crc":"${checksum(text)}"}\n`;
}

/**
 * Reads a journal's text. A crash tears the tail, which may be many lines long, and what never became durable was never sent: bad
 * lines at the end are cut. A good line behind a bad one is damage.
 */
export function parseJournal(text: string): { readonly lines: readonly Line[] } | { readonly damagedLine: number } {
  const lines = text.split('\n').map(parseLine);
  const torn = lines.indexOf(undefined);
  if (torn >= 0 && lines.slice(torn).some((line) => line !== undefined)) return { damagedLine: torn + 1 };
  return { lines: lines.filter((line) => line !== undefined) };
}

function parseLine(text: string): Line | undefined {
  const tail = /,"crc":"([0-9a-f]{8})"\}$/.exec(text);
  if (tail === null || checksum(`${text.slice(0, tail.index)}}`) !== tail[1]) return undefined;
  return JSON.parse(`${text.slice(0, tail.index)}}`) as Line;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
