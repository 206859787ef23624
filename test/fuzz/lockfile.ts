import { canonicalJson } from '../../src/core/canonical.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import { parseLockfile, printLockfile } from '../../src/core/lockfile.ts';
import { byKey, field, recorded, spec } from '../core/samples.ts';
import { seeded } from '../hostile/random.ts';
import { MOST_FINDINGS, type Finding, type Fuzzed, type FuzzOptions } from './fuzzer.ts';
import { mutatedBytes } from './mutate.ts';

const ENTRIES = 50;

/**
 * Flips bits of a lockfile of fifty records from start to end (every byte, if there are twice as many inputs as
 * bytes), and applies other mutations. Each result must be a Failure with its line, or harmless: every record that is
 * read was written, and none is missing unless its whole line is.
 */
export function fuzzLockfile({ seed, inputs }: FuzzOptions): Fuzzed {
  const random = seeded(seed);
  const good = Buffer.from(lockfileText());
  const findings: Finding[] = [];
  for (let index = 0; index < inputs && findings.length < MOST_FINDINGS; index += 1) {
    const bytes =
      index < inputs / 2
        ? flipped(good, Math.floor((index * good.length * 2) / inputs), 1 << random.below(8))
        : mutatedBytes(good, PIECES, random);
    const what = lockfileFault(bytes.toString('utf8'));
    if (what !== undefined) findings.push({ what, input: bytes.toString('base64') });
  }
  return { inputs, findings };
}

function flipped(bytes: Buffer, at: number, bits: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ bits;
  return copy;
}

/** Returns the mistake in reading a damaged text of `lockfileText`, or undefined. */
export function lockfileFault(text: string): string | undefined {
  try {
    const { records, header } = parseLockfile(text, 'connections.lock');
    const lines = new Set(text.split(/\r?\n/));
    const missing = LINES.slice(1).filter((line) => lines.has(line) && !records.has(keyIn(line)));
    if (missing.length > 0) return `${keyIn(missing[0] ?? '')} was lost`;
    if (typeof header.site !== 'string' || header.site === '') return 'it has no site';
    for (const [key, record] of records) {
      if (record.conflicting !== undefined) continue;
      if (SPECS.get(key) !== canonicalJson(record.spec)) return `${key} was read as another record`;
    }
    return undefined;
  } catch (cause) {
    if (!(cause instanceof Failure)) return `it threw ${String(cause)}`;
    if (cause.exitCode !== 5) return `it ended with ${cause.exitCode}`;
    return cause.hint === undefined || cause.place?.line === undefined
      ? `${cause.message} has no hint or place`
      : undefined;
  }
}

function lockfileText(): string {
  return printLockfile({
    header: { site: 'datadoghq.eu', org: 'an-org', manifests: ['connections'] },
    records: RECORDS,
  });
}

const RECORDS = byKey(
  ...Array.from({ length: ENTRIES }, (_, index) =>
    recorded(
      `${index % 2 === 0 ? 'users' : 'accounts'}/c${index}`,
      spec({ fields: [field(`f${index}`)], metadata: { n: String(index) } }),
      index % 5 === 0 ? { protect: true, owner: 'team-x' } : {},
    ),
  ),
);
const SPECS = new Map([...RECORDS].map(([key, record]) => [key, canonicalJson(record.spec)]));
const LINES = lockfileText().trimEnd().split('\n');
const PIECES = [
  '\n',
  '\r\n',
  '{',
  '}',
  '"',
  ',',
  '"sha":"0123456789abcdef"',
  '"key":"users/c1"',
  '{"lockfileVersion":1,"site":"x","manifests":[]}\n',
  '<<<<<<< x\n',
  '=======\n',
  '\0',
  '\uFEFF',
  'null',
  '[]\n',
  '{}\n',
  '__proto__',
];

function keyIn(line: string): string {
  return /"key":"([^"]*)"/.exec(line)?.[1] ?? '';
}
