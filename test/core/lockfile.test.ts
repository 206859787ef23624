import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordedConnection } from '../../src/core/connection.ts';
import { Failure } from '../../src/core/diagnostic.ts';
import { parseLockfile, printLockfile, type Lockfile } from '../../src/core/lockfile.ts';
import { arbitraryKey, arbitrarySpec, byKey, field, recorded, spec } from './samples.ts';

const HEADER = { site: 'datadoghq.com', org: '11111111-2222-3333-4444-555555555555', manifests: ['connections'] };
const lockfile = (...records: readonly RecordedConnection[]): Lockfile => ({
  header: HEADER,
  records: byKey(...records),
});
const parse = (text: string): Lockfile => parseLockfile(text, 'connections.lock');

function failure(text: string): Failure {
  try {
    parse(text);
  } catch (cause) {
    if (cause instanceof Failure) return cause;
    throw cause;
  }
  throw new Error('nothing was thrown');
}

test('has a header and one line for each connection, sorted by key, and ends with the checksum', () => {
  const text = printLockfile(
    lockfile(
      recorded('users/b'),
      recorded('users/a', spec({ metadata: { source: 'crm' } }), { owner: 'team', protect: true }),
    ),
  );
  expect(text).toBe(
    `${[
      '{"lockfileVersion":1,"site":"datadoghq.com","org":"11111111-2222-3333-4444-555555555555","manifests":["connections"]}',
      '{"key":"users/a","owner":"team","protect":true,"spec":{"fields":[{"id":"plan","source_name":"plan_column","type":"string"}],"join_attribute":"user_email","join_type":"email","metadata":{"source":"crm"},"type":"ref_table"},"sha":"4aceb53eb5424eaa"}',
      '{"key":"users/b","spec":{"fields":[{"id":"plan","source_name":"plan_column","type":"string"}],"join_attribute":"user_email","join_type":"email","type":"ref_table"},"sha":"1352ef3049cbb15c"}',
    ].join('\n')}\n`,
  );
});

test('any set of records survives a round trip and prints the same bytes again', () => {
  fc.assert(
    fc.property(
      fc.dictionary(arbitraryKey, fc.tuple(arbitrarySpec, fc.boolean(), fc.option(fc.string(), { nil: undefined })), {
        maxKeys: 6,
      }),
      (all) => {
        const records = byKey(
          ...Object.entries(all).map(([key, [of, protect, owner]]) =>
            recorded(key, of, { ...(protect ? { protect } : {}), ...(owner === undefined ? {} : { owner }) }),
          ),
        );
        const text = printLockfile({ header: HEADER, records });
        const back = parse(text);
        expect(back).toEqual({ header: HEADER, records });
        expect(printLockfile(back)).toBe(text);
      },
    ),
  );
});

test('a flipped bit anywhere is either reported with its line or harmless', () => {
  const good = lockfile(
    recorded('users/a'),
    recorded('users/b', spec({ fields: [field('x', { display_name: 'X' })] })),
  );
  const text = printLockfile(good);
  const bytes = Buffer.from(text);
  for (let index = 0; index < bytes.length; index += 1) {
    for (const bit of [1, 4, 32]) {
      const flipped = Buffer.from(bytes);
      flipped[index] = (flipped[index] ?? 0) ^ bit;
      let read: Lockfile;
      try {
        read = parse(flipped.toString('utf8'));
      } catch (cause) {
        expect(cause).toBeInstanceOf(Failure);
        continue;
      }
      expect([...read.records.values()]).toEqual([...good.records.values()]);
    }
  }
});

describe('a damaged lockfile', () => {
  const [head = '', a = '', b = ''] = printLockfile(lockfile(recorded('users/a'), recorded('users/b'))).split('\n');
  test.each([
    ['an empty file', '', 'lockfile-damaged', 1],
    ['no header', `${a}\n`, 'lockfile-damaged', 1],
    ['a cut line', `${head}\n${a}\n${b.slice(0, 40)}`, 'lockfile-damaged', 3],
    ['an edited value', `${head}\n${a.replace('plan_column', 'plan')}\n`, 'lockfile-damaged', 2],
    ['no checksum', `${head}\n${a.replace(/,"sha":"[^"]*"/, '')}\n`, 'lockfile-damaged', 2],
    ['an empty line in the middle', `${head}\n\n${a}\n`, 'lockfile-damaged', 2],
    ['a list', `${head}\n[]\n`, 'lockfile-damaged', 2],
    ['a header without folders', '{"lockfileVersion":1,"site":"datadoghq.com"}\n', 'lockfile-damaged', 1],
    ['a newer version', `${head.replace(':1,', ':2,')}\n`, 'lockfile-version', 1],
    ['conflict markers', `${head}\n<<<<<<< ours\n${a}\n=======\n${b}\n>>>>>>> theirs\n`, 'lockfile-conflict', 2],
    ['two organisations', `${head}\n${head.replace('1111', '9999')}\n`, 'lockfile-damaged', 2],
    ['two sites', `${head}\n${head.replace('datadoghq.com', 'datadoghq.eu')}\n`, 'lockfile-damaged', 2],
  ])('with %s is reported with its line', (_name, text, code, line) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    expect(error.exitCode).toBe(5);
    expect(error.place).toEqual({ file: 'connections.lock', line });
  });
});

describe('a union merge', () => {
  const records = [recorded('users/a'), recorded('users/b')];
  const [head = '', a = '', b = ''] = printLockfile(lockfile(...records)).split('\n');
  const [, other = ''] = printLockfile(
    lockfile(recorded('users/a', spec({ join_type: 'user_id' }), { protect: true })),
  ).split('\n');

  test('reads unordered and repeated lines as one set', () => {
    expect(parse(`${head}\n${b}\n${a}\n${b}\n${head}\n`)).toEqual(lockfile(...records));
  });

  test('turns two specs for a key into ours and disputed, protected if either side is protected', () => {
    const read = parse(`${head}\n${other}\n${a}\n`).records.get('users/a');
    expect(read?.conflicting).toHaveLength(2);
    expect(read?.protect).toBe(true);
  });

  test('writes an unresolved dispute back unchanged', () => {
    const text = `${head}\n${a}\n${other.replace('"protect":true,', '')}\n`;
    const once = printLockfile(parse(`${head}\n${a}\n${other}\n`));
    expect(parse(once).records.get('users/a')?.conflicting).toHaveLength(2);
    expect(text).not.toBe(once);
  });

  test('completes a header without an organisation from one that has it', () => {
    const { org: _, ...unknown } = HEADER;
    const [less = ''] = printLockfile({ header: { ...unknown, manifests: ['more'] }, records: new Map() }).split('\n');
    expect(parse(`${less}\n${head}\n`).header).toEqual({ ...HEADER, manifests: ['more', 'connections'] });
  });

  test('accepts carriage returns', () => {
    expect(parse(`${head}\r\n${a}\r\n${b}\r\n`)).toEqual(lockfile(...records));
  });
});

test('a line with reordered members still matches its checksum', () => {
  const [head = '', a = ''] = printLockfile(lockfile(recorded('users/a'))).split('\n');
  const { key, spec: of, sha } = JSON.parse(a) as Record<string, unknown>;
  expect(parse(`${head}\n${JSON.stringify({ sha, spec: of, key })}\n`)).toEqual(lockfile(recorded('users/a')));
});

test('keeps unknown members of the header and of records', () => {
  const text = printLockfile({
    header: { ...HEADER, unknown: { later: [1] } },
    records: byKey(recorded('users/a', spec(), { unknown: { note: { x: 1 }, zeta: true } })),
  });
  expect(text).toContain('"manifests":["connections"],"later":[1]}');
  expect(text).toMatch(/^\{"key":"users\/a","note":\{"x":1\},"spec":.*,"zeta":true,"sha":"[0-9a-f]{16}"\}$/m);
  expect(printLockfile(parse(text))).toBe(text);
});
