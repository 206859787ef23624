import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../src/core/diagnostic.ts';
import type { Intent } from '../../src/core/ports.ts';
import { fileJournal } from '../../src/state/journal.ts';
import { spec } from '../core/samples.ts';
import { seeded, type Random } from '../hostile/random.ts';
import { MOST_FINDINGS, type Finding, type Fuzzed, type FuzzOptions } from './fuzzer.ts';

/**
 * Flips, truncates and overwrites bytes of a journal. Each result must be a Failure `journal-damaged` or a prefix of
 * the journal, as after a crash at that point. It must never contain a different intent.
 */
export async function fuzzJournal({ seed, inputs }: FuzzOptions): Promise<Fuzzed> {
  const random = seeded(seed);
  const folder = mkdtempSync(join(tmpdir(), 'connsync-fuzz-'));
  const path = join(folder, 'connections.lock.journal');
  try {
    await writeJournal(path);
    const good = readFileSync(path);
    const beginnings = beginningsOf(good, path);
    const findings: Finding[] = [];
    for (let index = 0; index < inputs && findings.length < MOST_FINDINGS; index += 1) {
      const bytes = damaged(good, random);
      const what = faultOf(bytes, path, beginnings);
      if (what !== undefined) findings.push({ what, input: bytes.toString('base64') });
    }
    return { inputs, findings };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function writeJournal(path: string): Promise<void> {
  const journal = fileJournal(path, () => 1_000);
  for (let index = 0; index < 8; index += 1) {
    const intent: Intent = {
      op: 'create',
      key: `users/c${index}`,
      digest: `digest${index}`,
      after: spec(),
      target: { site: 'datadoghq.com' },
    };
    await journal.append({ intent, was: 'none' });
    const { key, digest } = intent;
    if (index % 3 === 1) await journal.append({ outcome: { key, digest, state: 'done' } });
    if (index % 3 === 2) await journal.append({ outcome: { key, digest, state: 'unclear' } });
  }
}

/** The open intents after each line, as JSON. */
function beginningsOf(good: Buffer, path: string): ReadonlySet<string> {
  const ends = [0, ...Array.from(good.toString().matchAll(/\n/g), ({ index }) => index + 1)];
  const found = ends.toReversed().map((end) => {
    truncateSync(path, end);
    return JSON.stringify(fileJournal(path, () => 1_000).read().open);
  });
  return new Set(found);
}

function damaged(good: Buffer, random: Random): Buffer {
  const at = random.below(good.length);
  switch (random.below(4)) {
    case 0:
      return good.subarray(0, at);
    case 1:
      return Buffer.concat([good.subarray(0, at), Buffer.from(random.pick(PIECES)), good.subarray(at)]);
    case 2:
      return Buffer.concat([good.subarray(0, at), good.subarray(Math.min(good.length, at + 1 + random.below(40)))]);
    default: {
      const flipped = Buffer.from(good);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.below(8));
      return flipped;
    }
  }
}

const PIECES = ['\n', '\0', '{', '}', '"', '{}\n', 'null\n', ',"crc":"00000000"}\n', '\uFEFF', '😀'];

function faultOf(bytes: Buffer, path: string, beginnings: ReadonlySet<string>): string | undefined {
  writeFileSync(path, bytes);
  try {
    const open = JSON.stringify(fileJournal(path, () => 1_000).read().open);
    return beginnings.has(open) ? undefined : `it was read as ${open}`;
  } catch (cause) {
    if (!(cause instanceof Failure)) return `it threw ${String(cause)}`;
    return cause.code === 'journal-damaged' && cause.hint !== undefined ? undefined : `it threw ${cause.code}`;
  }
}
