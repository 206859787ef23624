import { describe, expect, test } from 'vitest';
import { Failure } from '../../src/core/diagnostic.ts';
import { readInputs, type ActionInputs } from '../../src/github/inputs.ts';
import { liveModeOf } from '../../src/github/flags.ts';

function read(given: Readonly<Record<string, string>>): ActionInputs {
  return readInputs((name) => given[name] ?? '');
}

function failure(work: () => unknown): Failure | undefined {
  try {
    work();
  } catch (cause) {
    if (cause instanceof Failure) return cause;
    throw cause;
  }
  return undefined;
}

describe('inputs', () => {
  test('that are empty leave the decision to connsync.yaml', () => {
    const { prune, dir, lockfile, maxDeletes, onDrift, concurrency } = read({ prune: ' ', 'connections-path': '\n' });
    expect([prune, lockfile, maxDeletes, onDrift, concurrency]).toEqual(Array.from({ length: 5 }, () => undefined));
    expect(dir).toBeUndefined();
    expect(read({})).toMatchObject({ command: 'plan', live: 'auto', commit: 'auto', comment: 'changes-only' });
  });

  test('are trimmed and parsed', () => {
    const given = { 'connections-path': ' a \n\n b\n', prune: ' true ', 'max-deletes': '30%', concurrency: '8' };
    expect(read(given)).toMatchObject({ dir: ['a', 'b'], prune: true, concurrency: 8 });
  });

  test.each([
    ['command', 'destroy', 'use one of plan, apply, drift, validate'],
    ['prune', 'yes', 'write true or false'],
    ['fail-on-changes', '1', 'write true or false'],
    ['concurrency', '0', 'write a whole number from 1'],
    ['concurrency', '2.5', 'write a whole number from 1'],
    ['max-deletes', 'all', 'write a whole number or a percentage'],
    ['live', 'maybe', 'use one of auto, required, never'],
    ['checksum', 'abc', 'use the output checksum'],
    ['comment-id', '-->', 'use letters'],
    ['commit', 'push', 'use one of auto, api, git, none'],
    ['commit-branch', '--force', 'use a branch name'],
    ['commit-branch', 'a..b', 'use a branch name'],
    ['commit-branch', 'a:b', 'use a branch name'],
    ['commit-branch', 'x.lock', 'use a branch name'],
  ])('such as %s: %s are refused with the allowed values', (name, value, hint) => {
    const refused = failure(() => read({ [name]: value }));
    expect(refused).toMatchObject({ code: 'usage', exitCode: 3 });
    expect(refused?.message).toBe(`the input ${name} is ${JSON.stringify(value)}`);
    expect(refused?.hint).toContain(hint);
  });
});

describe('the mode of a plan', () => {
  test.each([
    { live: 'auto', canHaveSecrets: true, hasKeys: true, is: 'live' },
    { live: 'auto', canHaveSecrets: false, hasKeys: true, is: 'live' },
    { live: 'auto', canHaveSecrets: false, hasKeys: false, is: 'offline-by-event' },
    { live: 'auto', canHaveSecrets: true, hasKeys: false, is: 'credentials-missing' },
    { live: 'required', canHaveSecrets: false, hasKeys: false, is: 'credentials-missing' },
    { live: 'required', canHaveSecrets: false, hasKeys: true, is: 'live' },
    { live: 'never', canHaveSecrets: true, hasKeys: true, is: 'offline' },
  ] as const)(
    'with live: $live, secrets possible $canHaveSecrets, keys present $hasKeys: is $is',
    ({ is, ...given }) => {
      const look = (): string => liveModeOf(given, given, given);
      if (is === 'credentials-missing') expect(failure(look)).toMatchObject({ code: is, exitCode: 6 });
      else expect(look()).toBe(is);
    },
  );
});
