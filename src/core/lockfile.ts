import { compact } from './compact.ts';
import { canonicalJson, canonicalSpec } from './canonical.ts';
import { sha256 } from './sha256.ts';
import { byCodeUnit, type Field, type Key, type RecordedConnection, type Spec } from './connection.ts';
import { Failure } from './diagnostic.ts';
import type { LockfileHeader, Records } from './ports.ts';

/** A parsed lockfile: the header, and one record per connection. */
export interface Lockfile {
  readonly header: LockfileHeader;
  readonly records: Records;
}

const VERSION = 1;
const HEADER_MEMBERS = new Set(['lockfileVersion', 'site', 'org', 'manifests']);
const RECORD_MEMBERS = new Set(['key', 'normalised', 'owner', 'protect', 'spec', 'sha']);
/** Matches the end of every record line that connsync wrote: `,"sha":"`, 16 hex digits and `"}`. */
const SHA_SUFFIX = /,"sha":"([0-9a-f]{16})"\}$/;

/**
 * Returns the text of a lockfile: JSON Lines, with a header and then one line per connection, sorted by key.
 *
 * The file contains no time, serial number, user or checksum of the whole file, so an apply without changes doesn't
 * change a byte, and two branches that add connections merge by union. After such a merge, lines may be out of order,
 * repeated, or have two specs for one key; `parseLockfile` accepts all of these. It throws a `Failure` with a line
 * number for any other error, because a damaged lockfile must never count as empty.
 */
export function printLockfile({ header, records }: Lockfile): string {
  const { site, org, manifests, unknown } = header;
  const head = JSON.stringify({
    lockfileVersion: VERSION,
    site,
    ...compact({ org }),
    manifests,
    ...unknown,
  });
  const keys = [...records.keys()].sort(byCodeUnit);
  return `${[head, ...keys.flatMap((key) => linesOf(records.get(key)))].join('\n')}\n`;
}

/** Returns the lines of a record. A conflicting record has one line for each of its specs. */
export function linesOf(record: RecordedConnection | undefined): readonly string[] {
  if (record === undefined) return [];
  const specs = record.conflicting === undefined ? [record.spec] : record.conflicting;
  return specs.map((spec) => {
    const line = canonicalJson({
      ...record.unknown,
      key: record.key,
      normalised: record.normalised,
      owner: record.owner,
      protect: record.protect === true ? true : undefined,
      spec,
    });
    return `${line.slice(0, -1)},"sha":"${shaOf(line)}"}`;
  });
}

/**
 * Parses a lockfile. `file` is used in messages. Throws a `Failure` with the code `lockfile-damaged`,
 * `lockfile-conflict` or `lockfile-version`.
 */
export function parseLockfile(text: string, file: string): Lockfile {
  let header: LockfileHeader | undefined;
  const records = new Map<Key, RecordedConnection>();
  const lines = text.split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '' && index === lines.length - 1) continue;
    const at: LinePlace = { file, line: index + 1 };
    const value = parseLine(line, at);
    if ('lockfileVersion' in value) header = mergeHeaders(header, headerFrom(value, at), at);
    else {
      const record = recordFrom(value, line, at);
      const other = records.get(record.key);
      records.set(record.key, other === undefined ? record : mergeRecords(other, record));
    }
  }
  if (header === undefined) throw damaged('it has no header', { file, line: 1 });
  return { header, records };
}

interface LinePlace {
  readonly file: string;
  readonly line: number;
}

function parseLine(line: string, at: LinePlace): Readonly<Record<string, unknown>> {
  if (/^(<{7}|={7}|>{7}|\|{7})( |$)/.test(line)) {
    throw new Failure('lockfile-conflict', `${at.file} contains an unresolved merge conflict`, {
      place: at,
      hint: 'keep the lines of both sides and remove the markers; add "connections*.lock merge=union" to .gitattributes to avoid conflicts',
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw damaged('the line is not JSON', at, cause);
  }
  if (!isObject(value)) throw damaged('the line is not an object', at);
  return value;
}

function headerFrom(value: Readonly<Record<string, unknown>>, at: LinePlace): LockfileHeader {
  const { lockfileVersion: version, site, org, manifests } = value;
  if (version !== VERSION) {
    const newer = typeof version === 'number' && version > VERSION;
    throw new Failure(
      'lockfile-version',
      `${at.file} has lockfileVersion ${JSON.stringify(version)}, but this connsync supports ${VERSION}`,
      {
        place: at,
        hint: newer ? 'upgrade connsync' : 'run connsync state rebuild to create it from Datadog',
      },
    );
  }
  if (typeof site !== 'string' || !isTexts(manifests) || (org !== undefined && typeof org !== 'string'))
    throw damaged('the header is incomplete', at);
  return { site, ...compact({ org }), manifests, ...unknownOf(value, HEADER_MEMBERS) };
}

function recordFrom(value: Readonly<Record<string, unknown>>, line: string, at: LinePlace): RecordedConnection {
  const { key, normalised, owner, protect, spec, sha } = value;
  if (sha !== checksumOfLine(value, line)) throw damaged('the line does not match its checksum', at);
  if (typeof key !== 'string' || !/^[^/]+\/./s.test(key) || !isSpec(spec))
    throw damaged('the record is incomplete', at);
  if (owner !== undefined && typeof owner !== 'string') throw damaged('its owner is not a string', at);
  if (protect !== undefined && typeof protect !== 'boolean') throw damaged('its protect is not a boolean', at);
  if (normalised !== undefined && !isObject(normalised)) throw damaged('its normalised is not an object', at);
  return {
    key,
    spec: canonicalSpec(spec),
    ...compact({ normalised, owner }),
    ...(protect === true ? { protect } : {}),
    ...unknownOf(value, RECORD_MEMBERS),
  };
}

/**
 * Returns the checksum that a line should have. Hashes a line that connsync wrote as it is, and canonicalises any other
 * line first.
 */
function checksumOfLine(value: Readonly<Record<string, unknown>>, line: string): string {
  const tail = SHA_SUFFIX.exec(line);
  if (tail !== null) {
    const sha = shaOf(`${line.slice(0, tail.index)}}`);
    if (sha === tail[1]) return sha;
  }
  const { sha: _, ...rest } = value as Readonly<Record<string, unknown>> & { readonly sha?: unknown };
  return shaOf(canonicalJson(rest));
}

/**
 * Combines two headers. A union merge in Git keeps the headers of both branches, and one may have members that the
 * other lacks.
 */
function mergeHeaders(a: LockfileHeader | undefined, b: LockfileHeader, at: LinePlace): LockfileHeader {
  if (a === undefined) return b;
  if (a.site !== b.site || (a.org !== undefined && b.org !== undefined && a.org !== b.org))
    throw damaged('two headers name different targets', at);
  const org = a.org ?? b.org;
  const unknown = { ...a.unknown, ...b.unknown };
  return {
    site: a.site,
    ...compact({ org }),
    manifests: [...new Set([...a.manifests, ...b.manifests])],
    ...(Object.keys(unknown).length === 0 ? {} : { unknown }),
  };
}

/**
 * Merges two records of one key. The connection is protected if either record says so. If the specs differ, the last
 * applied spec is unknown, and `conflicting` keeps them all.
 */
function mergeRecords(a: RecordedConnection, b: RecordedConnection): RecordedConnection {
  const specs = new Map([...(a.conflicting ?? [a.spec]), b.spec].map((spec) => [canonicalJson(spec), spec]));
  const { conflicting: _, ...merged } = { ...a, ...b };
  return {
    ...merged,
    ...(a.protect === true ? { protect: true } : {}),
    ...(specs.size > 1 ? { conflicting: [...specs.values()] } : {}),
  };
}

function shaOf(line: string): string {
  return sha256(line).slice(0, 16);
}

function damaged(why: string, at: LinePlace, cause?: unknown): Failure {
  return new Failure('lockfile-damaged', `${at.file} is damaged at line ${at.line}: ${why}`, {
    place: at,
    hint: 'restore it from Git, or run connsync state rebuild to create it from Datadog',
    ...compact({ cause }),
  });
}

function unknownOf(
  value: Readonly<Record<string, unknown>>,
  known: ReadonlySet<string>,
): { readonly unknown?: Readonly<Record<string, unknown>> } {
  const rest = Object.entries(value).filter(([name]) => !known.has(name));
  return rest.length === 0 ? {} : { unknown: Object.fromEntries(rest) };
}

function isSpec(value: unknown): value is Spec {
  if (!isObject(value)) return false;
  const { type, join_attribute, join_type, fields, metadata } = value;
  const texts = [type, join_attribute, join_type].every((text) => typeof text === 'string');
  const map = metadata === undefined || (isObject(metadata) && isTexts(Object.values(metadata)));
  return texts && map && (fields === undefined || (Array.isArray(fields) && fields.every(isField)));
}

function isField(value: unknown): value is Field {
  if (!isObject(value)) return false;
  const { id, source_name, type, display_name, description, groups } = value;
  const texts = [id, source_name, type].every((text) => typeof text === 'string');
  const optional = [display_name, description].every((text) => text === undefined || typeof text === 'string');
  return texts && optional && (groups === undefined || isTexts(groups));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
