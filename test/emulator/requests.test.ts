import { describe, expect, test } from 'vitest';
import { startEmulator } from '../../src/emulator/server.ts';
import { call, CONNECTION, createBody, details, updateBody } from './calling.ts';

const FIELD = { id: 'plan', source_name: 'plan_code', type: 'string' };
const GIVEN = { type: 't', join_attribute: 'a', join_type: 'j' };

describe('a create is rejected', () => {
  test.each<[string, unknown, string]>([
    ['a list', [], 'The body must be an object; it is a list.'],
    ['null', null, 'The body must be an object; it is null.'],
    ['a string', '"x"', 'The body must be an object; it is a string.'],
    ['nothing in it', {}, 'data is required.'],
    ['no type', { data: { id: 'a', attributes: GIVEN } }, 'data.type is required.'],
    [
      'another type',
      { data: { type: 'connection', id: 'a', attributes: GIVEN } },
      'data.type must be "connection_id".',
    ],
    ['no attributes', { data: { type: 'connection_id', id: 'a' } }, 'data.attributes is required.'],
    ['an id that is a number', createBody(7 as unknown as string), 'data.id must be a string; it is a number.'],
    ['an empty id', createBody(''), 'data.id must not be empty.'],
    ['no connection type', createBody('a', { type: undefined }), 'data.attributes.type is required.'],
    [
      'no join attribute',
      createBody('a', { join_attribute: undefined }),
      'data.attributes.join_attribute is required.',
    ],
    ['no join type', createBody('a', { join_type: undefined }), 'data.attributes.join_type is required.'],
    [
      'null as join type',
      createBody('a', { join_type: null }),
      'data.attributes.join_type must be a string; it is null.',
    ],
    ['fields as an object', createBody('a', { fields: {} }), 'data.attributes.fields must be a list; it is an object.'],
    [
      'a field that is text',
      createBody('a', { fields: ['plan'] }),
      'data.attributes.fields[0] must be an object; it is a string.',
    ],
    [
      'a field without id',
      createBody('a', { fields: [{ ...FIELD, id: undefined }] }),
      'data.attributes.fields[0].id is required.',
    ],
    [
      'a field with an empty id',
      createBody('a', { fields: [{ ...FIELD, id: '' }] }),
      'data.attributes.fields[0].id must not be empty.',
    ],
    [
      'a field without source',
      createBody('a', { fields: [{ id: 'a', type: 'string' }] }),
      'data.attributes.fields[0].source_name is required.',
    ],
    [
      'a field without type',
      createBody('a', { fields: [{ id: 'a', source_name: 's' }] }),
      'data.attributes.fields[0].type is required.',
    ],
    [
      'a wrong description',
      createBody('a', { fields: [{ ...FIELD, description: true }] }),
      'data.attributes.fields[0].description must be a string; it is a boolean.',
    ],
    [
      'null as display name',
      createBody('a', { fields: [{ ...FIELD, display_name: null }] }),
      'data.attributes.fields[0].display_name must be a string; it is null.',
    ],
    [
      'groups as text',
      createBody('a', { fields: [{ ...FIELD, groups: 'Billing' }] }),
      'data.attributes.fields[0].groups must be a list; it is a string.',
    ],
    [
      'a group that is a number',
      createBody('a', { fields: [{ ...FIELD, groups: ['a', 1] }] }),
      'data.attributes.fields[0].groups[1] must be a string; it is a number.',
    ],
    [
      'metadata as a list',
      createBody('a', { metadata: [] }),
      'data.attributes.metadata must be an object; it is a list.',
    ],
    [
      'metadata with a number',
      createBody('a', { metadata: { owner: 12 } }),
      'data.attributes.metadata.owner must be a string; it is a number.',
    ],
    [
      'a field id twice',
      createBody('a', { fields: [FIELD, { ...FIELD, source_name: 'x' }] }),
      'data.attributes.fields[1].id names the field "plan", which this request already names.',
    ],
  ])('with %s', async (_name, body, detail) => {
    await using emulator = await startEmulator();
    const reply = await call(emulator.url, 'POST', CONNECTION, { body: body === null ? 'null' : body });
    expect(reply.status).toBe(400);
    expect(details(reply)).toContain(detail);
    // Clients take these words in a 400 to mean that the connection already exists.
    expect(reply.text).not.toMatch(/exist|duplicate|conflict/i);
    expect(emulator.connections('users')).toEqual([]);
  });

  test('with all its errors at once, each with a pointer', async () => {
    await using emulator = await startEmulator();
    const body = createBody('a', { join_type: 1, fields: [{ ...FIELD, type: 2 }], metadata: { 'a/b~c': 3 } });
    const reply = await call(emulator.url, 'POST', CONNECTION, { body });
    const { errors } = reply.json as { errors: { source: { pointer: string }; status: string; title: string }[] };
    expect(errors.map(({ source }) => source.pointer)).toEqual([
      '/data/attributes/join_type',
      '/data/attributes/fields/0/type',
      '/data/attributes/metadata/a~1b~0c',
    ]);
    expect(errors[0]).toMatchObject({ status: '400', title: 'Bad Request' });
  });
});

describe('a create is accepted', () => {
  test('with unknown members, which are dropped', async () => {
    await using emulator = await startEmulator();
    const body = {
      meta: 1,
      data: {
        extra: [],
        type: 'connection_id',
        id: 'a',
        attributes: { ...GIVEN, more: {}, fields: [{ ...FIELD, colour: 'red' }] },
      },
    };
    expect((await call(emulator.url, 'POST', CONNECTION, { body })).status).toBe(201);
    const [kept] = emulator.connections('users');
    expect(kept?.fields).toEqual([FIELD]);
    expect(kept).not.toHaveProperty('more');
  });

  test('with hostile names, which stay data', async () => {
    await using emulator = await startEmulator();
    const body = `{"data":{"type":"connection_id","id":"__proto__","attributes":{"type":"t","join_attribute":"a","join_type":"j",
      "metadata":{"__proto__":"x","constructor":"y"},"fields":[{"id":"__proto__","source_name":"s","type":"string"}]}}}`;
    expect((await call(emulator.url, 'POST', CONNECTION, { body })).status).toBe(201);
    const listed = await call(emulator.url, 'GET', `${CONNECTION}s`);
    expect(listed.text).toContain('"metadata":{"__proto__":"x","constructor":"y"}');
    expect((await call(emulator.url, 'POST', CONNECTION, { body })).status).toBe(409);
    expect((await call(emulator.url, 'DELETE', `${CONNECTION}/__proto__`)).status).toBe(204);
  });
});

describe('an update', () => {
  const ADD = { id: 'new', source_name: 's', type: 'string' };

  test.each<[string, unknown, string]>([
    ['no id', { data: { type: 'connection_id' } }, 'data.id is required.'],
    ['no type', { data: { id: 'c' } }, 'data.type is required.'],
    [
      'attributes that are a list',
      { data: { type: 'connection_id', id: 'c', attributes: [] } },
      'data.attributes must be an object; it is a list.',
    ],
    [
      'a list that is an object',
      updateBody('c', { fields_to_add: {} }),
      'data.attributes.fields_to_add must be a list; it is an object.',
    ],
    [
      'an added field without source',
      updateBody('c', { fields_to_add: [{ id: 'new', type: 'string' }] }),
      'data.attributes.fields_to_add[0].source_name is required.',
    ],
    [
      'an update without field id',
      updateBody('c', { fields_to_update: [{}] }),
      'data.attributes.fields_to_update[0].field_id is required.',
    ],
    [
      'a wrong new description',
      updateBody('c', { fields_to_update: [{ field_id: 'a', updated_description: 1 }] }),
      'data.attributes.fields_to_update[0].updated_description must be a string; it is a number.',
    ],
    [
      'null as new groups',
      updateBody('c', { fields_to_update: [{ field_id: 'a', updated_groups: null }] }),
      'data.attributes.fields_to_update[0].updated_groups must be a list; it is null.',
    ],
    [
      'an empty new id',
      updateBody('c', { fields_to_update: [{ field_id: 'a', updated_field_id: '' }] }),
      'data.attributes.fields_to_update[0].updated_field_id must not be empty.',
    ],
    [
      'a deletion that is an object',
      updateBody('c', { fields_to_delete: [{ id: 'a' }] }),
      'data.attributes.fields_to_delete[0] must be a string; it is an object.',
    ],
    [
      'an id twice among the added',
      updateBody('c', { fields_to_add: [ADD, ADD] }),
      'data.attributes.fields_to_add[1].id names the field "new", which this request already names.',
    ],
    [
      'an id twice among the updated',
      updateBody('c', { fields_to_update: [{ field_id: 'a' }, { field_id: 'a' }] }),
      'data.attributes.fields_to_update[1].field_id names the field "a", which this request already names.',
    ],
    [
      'an id twice among the deleted',
      updateBody('c', { fields_to_delete: ['a', 'a'] }),
      'data.attributes.fields_to_delete[1] names the field "a", which this request already names.',
    ],
    [
      'an id added and deleted',
      updateBody('c', { fields_to_add: [{ ...ADD, id: 'a' }], fields_to_delete: ['a'] }),
      'data.attributes.fields_to_delete[0] names the field "a", which this request already names.',
    ],
    [
      'an id updated and deleted',
      updateBody('c', { fields_to_update: [{ field_id: 'a' }], fields_to_delete: ['a'] }),
      'data.attributes.fields_to_delete[0] names the field "a", which this request already names.',
    ],
    [
      'an id added and updated',
      updateBody('c', { fields_to_add: [ADD], fields_to_update: [{ field_id: 'new' }] }),
      'data.attributes.fields_to_update[0].field_id names the field "new", which this request already names.',
    ],
    [
      'an added field that is there',
      updateBody('c', { fields_to_add: [{ ...ADD, id: 'a' }] }),
      'data.attributes.fields_to_add[0].id names the field "a", which this connection already has.',
    ],
    [
      'an updated field that is not there',
      updateBody('c', { fields_to_update: [{ field_id: 'z' }] }),
      'data.attributes.fields_to_update[0].field_id names the field "z", which this connection does not have.',
    ],
    [
      'a deleted field that is not there',
      updateBody('c', { fields_to_delete: ['z'] }),
      'data.attributes.fields_to_delete[0] names the field "z", which this connection does not have.',
    ],
    [
      'a rename onto a field that is there',
      updateBody('c', { fields_to_update: [{ field_id: 'a', updated_field_id: 'b' }] }),
      'data.attributes.fields_to_update[0].updated_field_id names the field "b", which this connection already has.',
    ],
    [
      'a rename onto an added field',
      updateBody('c', { fields_to_add: [ADD], fields_to_update: [{ field_id: 'a', updated_field_id: 'new' }] }),
      'data.attributes.fields_to_update[0].updated_field_id names the field "new", which this request already names.',
    ],
    [
      'a rename onto a deleted field',
      updateBody('c', { fields_to_update: [{ field_id: 'a', updated_field_id: 'b' }], fields_to_delete: ['b'] }),
      'data.attributes.fields_to_update[0].updated_field_id names the field "b", which this request already names.',
    ],
    [
      'two fields swapped',
      updateBody('c', {
        fields_to_update: [
          { field_id: 'a', updated_field_id: 'b' },
          { field_id: 'b', updated_field_id: 'a' },
        ],
      }),
      'data.attributes.fields_to_update[0].updated_field_id names the field "b", which this request already names.',
    ],
    [
      'two renames onto one id',
      updateBody('c', {
        fields_to_update: [
          { field_id: 'a', updated_field_id: 'x' },
          { field_id: 'b', updated_field_id: 'x' },
        ],
      }),
      'data.attributes.fields_to_update[1].updated_field_id names the field "x", which this request already names.',
    ],
    [
      'one good change and one bad',
      updateBody('c', { fields_to_add: [ADD], fields_to_delete: ['a', 'z'] }),
      'data.attributes.fields_to_delete[1] names the field "z", which this connection does not have.',
    ],
  ])('with %s is rejected as a whole', async (_name, body, detail) => {
    await using emulator = await startEmulator();
    const fields = ['a', 'b'].map((id) => ({ id, source_name: `${id}_source`, type: 'string' }));
    emulator.seed('users', { id: 'c', ...GIVEN, fields });
    const before = emulator.connections('users');
    const reply = await call(emulator.url, 'PUT', CONNECTION, { body });
    expect(reply.status).toBe(400);
    expect(details(reply)).toContain(detail);
    expect(emulator.connections('users')).toEqual(before);
  });

  test('that renames a field to its own id is accepted and changes nothing', async () => {
    await using emulator = await startEmulator();
    emulator.seed('users', { id: 'c', ...GIVEN, fields: [FIELD] });
    const change = { field_id: 'plan', updated_field_id: 'plan', updated_description: 'D' };
    const reply = await call(emulator.url, 'PUT', CONNECTION, {
      body: updateBody('c', { fields_to_update: [change] }),
    });
    expect(reply.status).toBe(200);
    expect(emulator.connections('users')[0]?.fields).toEqual([{ ...FIELD, description: 'D' }]);
  });

  test('without attributes is accepted', async () => {
    await using emulator = await startEmulator();
    emulator.seed('users', { id: 'c', ...GIVEN, fields: [FIELD] });
    const reply = await call(emulator.url, 'PUT', CONNECTION, { body: { data: { type: 'connection_id', id: 'c' } } });
    expect(reply.status).toBe(200);
    expect(emulator.connections('users')[0]?.fields).toEqual([FIELD]);
  });
});
