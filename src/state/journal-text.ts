import { crc32 } from 'node:zlib';
import type { Intent, Outcome, Version } from '../core/ports.ts';

/**
 * One line of the journal. `t` is in milliseconds since the epoch.
 *
 * | state                          | meaning                                                      |
 * | ------------------------------ | ------------------------------------------------------------ |
 * | base                           | the following lines belong to the lockfile of this version   |
 * | intent                         | connsync is about to send this request                       |
 * | done, failed, aborted, unclear | the outcome of this key's intent                             |
 */
export type Line = { readonly seq: number; readonly t: number } & (
  | { readonly state: 'base'; readonly version: Version }
  | { readonly state: 'intent'; readonly intent: Intent }
  | Outcome
);

/** Returns the text of a line, with its checksum as the last member. */
export function printLine(line: Line): string {
  const text = JSON.stringify(line);
  return `${text.slice(0, -1)},"crc":"${checksum(text)}"}\n`;
}

/**
 * Parses a journal. A crash can tear off any number of lines at the end, and connsync never sent a request whose line
 * was not durable, so bad lines at the end are dropped. A good line after a bad one means that the file is damaged.
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
