import { test } from 'tap';
import { call, isError } from '../support/http-call.ts';
import { sharedServer } from '../support/shared-server.ts';

const server = await sharedServer();

const items = [{ sku: 'ABC', count: 1 }];

test('input that matches is taken', async (t) => {
  const parameters = { kind: 'pickup', items, address: { city: '上海', 'a/b~c': true } };
  t.equal((await call(server, 'strict', parameters)).status, 200);
});

for (const [parameters, message] of [
  [{}, '"parameters.items" is required'],
  [{ items: 'ABC' }, '"parameters.items" must be array'],
  [{ items: [] }, '"parameters.items" must NOT have fewer than 1 items'],
  [{ items: [{}] }, '"parameters.items[0].sku" is required'],
  [{ items: [...items, { sku: 'ABC', count: 1.5 }] }, '"parameters.items[1].count" must be integer'],
  [{ items: [{ sku: 'ABC', count: '1' }] }, '"parameters.items[0].count" must be integer'],
  [{ items: [{ sku: 'ABC', count: 0 }] }, '"parameters.items[0].count" must be >= 1'],
  [{ items: [{ sku: 'abc' }] }, '"parameters.items[0].sku" must match pattern "^[A-Z]{3}$"'],
  [{ items, address: {} }, '"parameters.address.city" is required'],
  [{ items, address: null }, '"parameters.address" must be object'],
  [
    { items, address: { city: 'x'.repeat(11) } },
    '"parameters.address.city" must NOT have more than 10 characters',
  ],
  [{ items, address: { city: 'x', 'a/b~c': 1 } }, '"parameters.address.a/b~c" must be boolean'],
  [{ items, address: { city: 'x', street: 'y' } }, '"parameters.address.street" is not allowed'],
  [{ items, kind: 'mail' }, '"parameters.kind" must be one of "pickup","delivery"'],
  [{ items, extra: 1 }, '"parameters.extra" is not allowed'],
  [{ items, constructor: 1 }, '"parameters.constructor" is not allowed'],
] as const) {
  test(`the answer says: ${message}`, async (t) => {
    isError(t, await call(server, 'strict', parameters), 'SCHEMA_VIOLATION', message);
  });
}

test('an answer stays short however many and long the violations are', async (t) => {
  const many = Array.from({ length: 20_000 }, () => ({ sku: 1, count: 'x' }));
  const answer = await call(server, 'strict', { items: many });
  isError(t, answer, 'SCHEMA_VIOLATION', '"parameters.items[0].sku" must be string');
  const { body } = await call(server, 'strict', { items, ['key'.repeat(300_000)]: 1 });
  t.match(JSON.parse(body), { code: 'SCHEMA_VIOLATION', message: /^"parameters\.keykey/ });
  t.ok(body.length < 1000, String(body.length));
});

test('a call that violates the schema is not run, and the next one is', async (t) => {
  isError(t, await call(server, 'reply/repeat', { text: 'a' }), 'SCHEMA_VIOLATION', /times/);
  t.equal((await call(server, 'reply/repeat', { text: 'a', times: 1 })).status, 200);
});
