import { describe, expect, test } from 'vitest';
import { clientFor } from '../../src/datadog/client.ts';
import { json, listen, listOf, never, optionsFor, rejection } from './loopback.ts';

const SPEC = { type: 'ref_table', join_attribute: 'user_email', join_type: 'email' };

describe.each([301, 302, 303, 307, 308])('a redirect with %i', (status) => {
  test.each(['to another host', 'to the same host', 'to nowhere', 'without an address'])(
    'to %s is never followed',
    async (where) => {
      await using other = await listen((_, response) => json(response, 200, listOf()));
      await using server = await listen(({ path }, response) => {
        const location = {
          'to another host': `${other.address}/stolen`,
          'to the same host': path === '/moved' ? '/moved-again' : '/moved',
          'to nowhere': 'http://[',
        }[where];
        response.writeHead(status, location === undefined ? {} : { location }).end();
      });
      const client = await clientFor(optionsFor(server.address, { maxRetries: 3 }));

      expect(await rejection(client.list('users', never()))).toMatchObject({ code: 'invalid-response', exitCode: 4 });
      expect(await client.organisation(never())).toBeUndefined();
      const to = { entity: 'users', id: 'x' };
      for (const answer of [
        await client.create({ ...to, spec: SPEC }, never()),
        await client.update({ ...to, delta: { remove: ['f'] } }, never()),
        await client.remove(to, never()),
      ]) {
        expect(answer).toMatchObject({ kind: 'unclear', attempts: 1 });
      }
      client.close();

      expect(other.seen).toEqual([]);
      expect(server.seen.map(({ method, path }) => `${method} ${path.includes('moved') ? 'moved' : 'first'}`)).toEqual([
      'GET first', 'GET first', 'POST first', 'PUT first', 'DELETE first',
    ]); // prettier-ignore
    },
  );
});
