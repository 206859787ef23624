import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redactor, secretFinder } from '../../src/core/redact.ts';
import { growth, LINEAR } from '../rig/growth.ts';

const HEX32 = '0123456789abcdef0123456789abcdef';
const HEX40 = `${HEX32}01234567`;

describe('a given secret', () => {
  const secret = 's3cr/et+with"odd\\chars&and=more';
  const redact = (text: string): string => redactor([secret])(text);

  test.each([
    ['as plain text', `key ${secret}.`],
    ['twice', `${secret}${secret}`],
    ['in JSON', JSON.stringify({ key: secret })],
    ['percent-encoded', `?key=${encodeURIComponent(secret)}&x=1`],
    ['percent-encoded in lower case', `?key=${encodeURIComponent(secret).replace(/%../g, (e) => e.toLowerCase())}`],
    ['as base64', Buffer.from(secret).toString('base64')],
    ['as base64url', Buffer.from(secret).toString('base64url')],
    ['as hex', `0x${Buffer.from(secret).toString('hex')}`],
    ['as hex in upper case', Buffer.from(secret).toString('hex').toUpperCase()],
    ['in JSON within JSON within JSON', JSON.stringify([JSON.stringify([JSON.stringify({ key: secret })])])],
  ])('is redacted %s', (_, text) => {
    const clean = redact(text);
    expect(clean).toContain('[redacted]');
    for (let at = 0; at + 8 <= secret.length; at += 1) expect(clean).not.toContain(secret.slice(at, at + 8));
    expect(clean).not.toContain(Buffer.from(secret).toString('base64').slice(0, 12));
  });

  test('is redacted in every base64 text that contains it, at any offset', () => {
    for (const before of ['', 'u', 'us', 'user:', 'user::']) {
      const clean = redact(`Basic ${Buffer.from(`${before}${secret}:x`).toString('base64')}`);
      const held = Buffer.from(clean.replace('Basic ', '').replace('[redacted]', ''), 'base64').toString('latin1');
      expect(clean).toContain('[redacted]');
      expect(held).not.toContain(secret.slice(2, 8));
    }
  });

  test('is redacted completely, whatever text surrounds it', () => {
    const visible = fc.string({
      minLength: 12,
      maxLength: 40,
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((c) => String.fromCharCode(c)),
    });
    fc.assert(
      fc.property(visible, fc.string(), fc.string(), (value, before, after) => {
        expect(redactor([value])(`${before}${value}${after}`)).not.toContain(value);
      }),
    );
  });

  test('is recognised by its beginning if the text was cut', () => {
    for (const form of [secret, Buffer.from(secret).toString('base64').replace(/=+$/, '')])
      for (let length = 8; length < form.length; length += 1)
        expect(redact(`a body: ${form.slice(0, length)}`)).toBe('a body: [redacted]');
    expect(redact(`${secret.slice(0, 20)} is no end`)).toBe(`${secret.slice(0, 20)} is no end`);
  });

  test('is recognised by its beginning if it repeats itself', () => {
    expect(redactor(['abababababababab'])('see bababababab')).toBe('see b[redacted]');
  });

  test('is recognised by its beginning after a long text', () => {
    const much = 'a body of many words, '.repeat(50);
    expect(redact(`${much}${secret.slice(0, 20)}`)).toBe(`${much}[redacted]`);
  });

  test('is redacted everywhere in a text, however often it occurs', () => {
    expect(redact(`a ${secret} b ${secret} c ${secret} d`)).toBe('a [redacted] b [redacted] c [redacted] d');
  });

  test('is redacted as a whole if it contains another secret', () => {
    expect(redactor(['abcdef', 'abcdefghi'])('abcdefghi')).toBe('[redacted]');
  });
});

describe.each([
  ['plain words', 'canary-canary'],
  ['one byte more than a multiple of three', 'canary-canarycan'],
  ['two bytes more than a multiple of three', 'canary-canaryca'],
  ['characters that are special in JSON and patterns', 'a"b\\c.d*e+f?g|h(i)'],
  ['characters that URLs escape', 'a b/c?d#e&f=g%h+i'],
  ['characters that base64 writes as + and /', '\u{7e}\u{7e}\u{7e}???>>>~~~?~>'],
  ['non-Latin letters', 'schlüssel-ключ-鍵'],
  ['control characters', 'key\twith\u0001control\ncharacters'],
])('a secret with %s', (_, secret) => {
  test.each<[string, (text: string) => string]>([
    ['as plain text', (text) => text],
    ['percent-encoded', (text) => encodeURIComponent(text)],
    [
      'percent-encoded in lower case',
      (text) => encodeURIComponent(text).replace(/%../g, (escape) => escape.toLowerCase()),
    ],
    ['as base64', (text) => Buffer.from(text).toString('base64')],
    ['as base64url', (text) => Buffer.from(text).toString('base64url')],
    ['as hex', (text) => Buffer.from(text).toString('hex')],
    ['as hex in upper case', (text) => Buffer.from(text).toString('hex').toUpperCase()],
    ['within a text in JSON', (text) => JSON.stringify(text).slice(1, -1)],
    ['within JSON in JSON', (text) => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1)],
  ])('is redacted to its last character, and nothing else is, %s', (_name, form) => {
    expect(redactor([secret])(`<<${form(secret)}>>`)).toBe('<<[redacted]>>');
  });

  test.each(['', 'u', 'us', 'usr', 'user', 'users'])('is redacted in a longer base64 text, after %j', (before) => {
    const length = before.length + Buffer.byteLength(secret);
    const text = (around: number): string => {
      const [front, back] = [Buffer.alloc(before.length, around), Buffer.alloc(6 - (length % 3), around)];
      return Buffer.concat([front, Buffer.from(secret), back]).toString('base64');
    };
    // The parts that are equal for every surrounding text depend only on the secret.
    const [low, high] = [text(0x00), text(0xff)];
    const alike = Array.from(low, (digit, at) => digit === high[at]);
    const [first, last] = [alike.indexOf(true), alike.lastIndexOf(true)];
    const whole = text(0xa5);
    for (const form of [whole, whole.replaceAll('+', '-').replaceAll('/', '_')])
      expect(redactor([secret])(form)).toBe(`${form.slice(0, first)}[redacted]${form.slice(last + 1)}`);
  });
});

describe('a short secret', () => {
  test('of four characters is redacted, and the text around it is kept', () => {
    expect(redactor(['k3y!'])('a k3y! and k3y? and k3')).toBe('a [redacted] and k3y? and k3');
  });

  test.each(['', 'a', 'the'])('of fewer, such as %j, redacts nothing', (secret) => {
    expect(redactor([secret])('the plan has a change')).toBe('the plan has a change');
  });

  test('is searched in a longer base64 text only from eight digits on', () => {
    const behind = (before: string, secret: string): string => Buffer.from(`${before}${secret}ßßß`).toString('base64');
    expect(redactor(['seven77'])(behind('u', 'seven77'))).toBe('dX[redacted]fDn8Ofw58=');
    for (const before of ['', 'u', 'us'])
      expect(redactor(['five5'])(behind(before, 'five5'))).toBe(behind(before, 'five5'));
  });
});

test('ordinary words are kept if no secret is known', () => {
  expect(redactor([])('undefined, null and [object Object]')).toBe('undefined, null and [object Object]');
});

describe.each([
  [`DD-API-KEY: ${HEX32}`, 'DD-API-KEY: [redacted]'],
  [`DD_APP_KEY=${HEX40}`, 'DD_APP_KEY=[redacted]'],
  [`"dd-application-key":["${HEX40}"]`, '"dd-application-key":["[redacted]"]'],
  [`?api_key=${HEX32}&application_key=${HEX40}`, '?api_key=[redacted]&application_key=[redacted]'],
  [`the API key is ${HEX32.toUpperCase()}`, 'the API key is [redacted]'],
  [`apiKey: '${HEX32}'`, "apiKey: '[redacted]'"],
  [`${HEX32} is no valid API key`, '[redacted] is no valid API key'],
  [
    `the application key that you gave, ${HEX40}, is revoked`,
    'the application key that you gave, [redacted], is revoked',
  ],
  [`${HEX32} (api key)`, '[redacted] (api key)'],
  ['use ddpat_abcDEF-123_x or ddsat_9', 'use [redacted] or [redacted]'],
  ['Authorization: Bearer abc.def-ghi', 'Authorization: [redacted]'],
  ['{"authorization":"Bearer abc"}', '{"authorization":"[redacted]"}'],
  ['Proxy-Authorization: Basic dXNlcjpwYXNz', 'Proxy-Authorization: [redacted]'],
  ['sent bearer abc123==', 'sent bearer [redacted]'],
  ['http://user:pa@ss@proxy:3128/x', 'http://[redacted]@proxy:3128/x'],
  ['https://token@host', 'https://[redacted]@host'],
])('%s', (text, clean) => {
  test(`becomes ${clean}`, () => {
    expect(redactor([])(text)).toBe(clean);
    expect(redactor([])(clean)).toBe(clean);
  });
});

test.each([
  `sha256:${HEX32}${HEX32}`,
  HEX40,
  `commit ${HEX40}`,
  'bearer token ending 07bc (DD_BEARER_TOKEN)',
  'https://api.datadoghq.eu/api/v2/product-analytics/users/mapping/connection/a@b',
  'API key ending a91f (DD_API_KEY), application key ending 07bc (DD_APP_KEY)',
  'mail ana@acme.example',
])('%s is kept', (text) => {
  expect(redactor([])(text)).toBe(text);
});

test.each(['//', 'bearer ', 'api key ', 'authorization: ', 'ddpat_', 'app key', '\\'])(
  'many repetitions of %j take only linear time',
  async (piece) => {
    const made = (size: number): string => piece.repeat(size / piece.length);
    expect(await growth(made, redactor([HEX32, '"\\"quoted']), 200_000)).toBeLessThan(LINEAR);
  },
);

test('a secret is found in all of its forms, in repeated searches too', () => {
  const holds = secretFinder(['canary-canary']);
  for (const form of [
    'canary-canary',
    Buffer.from('canary-canary').toString('hex'),
    Buffer.from('canary-canary').toString('base64'),
  ]) {
    expect([holds(`a ${form} b`), holds(`a ${form} b`)]).toEqual([true, true]);
    expect(holds(form), 'at the very beginning').toBe(true);
    expect(holds('canary')).toBe(false);
  }
  expect(secretFinder([])('anything')).toBe(false);
});
