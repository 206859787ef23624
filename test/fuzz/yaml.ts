import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeText, loadManifest, type LoadedFile } from '../../src/manifest/load.ts';
import { seeded, type Random } from '../hostile/random.ts';
import { MOST_FINDINGS, type Finding, type Fuzzed, type FuzzOptions } from './fuzzer.ts';
import { mutatedBytes } from './mutate.ts';

const EXAMPLES = join(import.meta.dirname, '../../connections');
/** Milliseconds of CPU time that an input of at most 4 KiB may take. Most take one; what explodes takes minutes. */
const SLOWEST = 5_000;

/**
 * Feeds random bytes, token soups and mutations of the example manifests to the reader. Each must end in connections
 * or problems, in time. Every problem must have a position inside the text, and a connection is only allowed if there
 * is no problem.
 */
export function fuzzYaml({ seed, inputs }: FuzzOptions): Fuzzed {
  const random = seeded(seed);
  const examples = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => readFileSync(join(EXAMPLES, name)));
  const findings: Finding[] = [];
  for (let index = 0; index < inputs && findings.length < MOST_FINDINGS; index += 1) {
    const bytes = inputFrom(examples, random);
    const what = manifestFault(bytes);
    if (what !== undefined) findings.push({ what, input: bytes.toString('base64') });
  }
  return { inputs, findings };
}

function inputFrom(examples: readonly Buffer[], random: Random): Buffer {
  const kind = random.next();
  if (kind < 0.15) return Buffer.from(Array.from({ length: random.below(80) }, () => random.below(256)));
  const length = random.chance(0.02) ? 2_000 : 40;
  if (kind < 0.5) return Buffer.from(Array.from({ length: random.below(length) }, () => random.pick(TOKENS)).join(''));
  return mutatedBytes(random.pick(examples), TOKENS, random);
}

/** Returns the mistake in reading an input, or undefined. */
export function manifestFault(bytes: Buffer): string | undefined {
  try {
    const decoded = decodeText(bytes, 'fuzz.yaml');
    if ('problem' in decoded) return undefined;
    const { loaded, ms } = timed(decoded.text);
    // Retry, because a machine that was busy for a moment is not a finding.
    if (ms > SLOWEST && bytes.length <= 4096 && timed(decoded.text).ms > SLOWEST)
      return `it takes ${Math.round(ms)} ms`;
    const { documents, problems } = loaded;
    const lines = decoded.text.split(/\r\n|\r|\n/).length;
    for (const { line = 0, column = 0, hint, code } of problems) {
      if (line < 1 || line > lines || column < 1) return `${code} stands at ${line}:${column} of ${lines} lines`;
      if (hint === undefined && code !== 'unexpected') return `${code} has no next step`;
    }
    if (documents.length === 0 && problems.length === 0) return 'nothing was read, and nothing was told';
    for (const { desired } of documents)
      if (desired !== undefined && !/^[^/\p{Cc}]+\/[^/\p{Cc}]+$/u.test(desired.key)) return `${desired.key} is a key`;
    if (Object.hasOwn(Object.prototype, 'polluted') || ({} as Record<string, unknown>)['x'] !== undefined)
      return 'a prototype was changed';
  } catch (cause) {
    return `it threw ${String(cause)}`;
  }
  return undefined;
}

function timed(text: string): { readonly loaded: LoadedFile; readonly ms: number } {
  const begun = process.cpuUsage();
  const loaded = loadManifest(text, 'fuzz.yaml');
  const { user, system } = process.cpuUsage(begun);
  return { loaded, ms: (user + system) / 1_000 };
}

const TOKENS = [
  'entity: users\n', 'id: a\n', 'type: ref_table\n', 'join_attribute: user_email\n', 'join_type: email\n', 'fields:\n', '  - id: b\n',
  '    source_name: c\n', '    type: string\n', 'metadata:\n', 'connsync:\n', '  protect: true\n', '  allow: [replace]\n', '  renamed_fields: {a: b}\n',
  'entity', 'id', ': ', ':', '- ', ', ', '[', ']', '{', '}', '? ', '#', ' ', '  ', '\t', '\n', '\n  ', '\r\n', '\r', '---\n', '--- ', '...\n',
  '&a ', '*a', '!!str ', '!!js/function ', '!!binary ', '!', '<<', '<<: ', '__proto__', '__proto__: {x: 1}\n', 'constructor: {x: 1}\n', 'prototype',
  'toString', '@', '`', '%YAML 1.1\n', '%TAG ! x\n', '|', '>-', '|2\n', "'", '"', '"\\ud800"', '"\\x00"', '"\\u202e"', '\0', '\u001b[2J', '\uFEFF',
  '\u2028', '\u0085', '😀', '0123', '1e3', '.nan', '-.inf', '12345678901234567890', 'yes', '~', 'null', '2024-01-02', '<<<<<<< x\n', '=======\n',
  '>>>>>>> x\n', '::error::x', '..', '/', '%2e', 'a'.repeat(300), '['.repeat(40), '{a: '.repeat(40), '- '.repeat(40),
]; // prettier-ignore
