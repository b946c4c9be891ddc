import { test } from 'tap';
import { SUCCESS, TOOL_ERROR } from '../../src/wire/outcome.ts';
import { type Encoded, encodeResult, LONGEST_REPLY } from '../../workers/encode-reply.ts';
import { SchemaCompiler } from '../../workers/schema.ts';

const object = new SchemaCompiler().compile({ type: 'object' }, '');
const encode = (result: unknown, checkOutput = object): Encoded =>
  encodeResult(result, { requestId: 'id-1', tool: { checkOutput }, isStreamed: false, shown: (all) => all });

/** Why the plugin's result was refused. */
const fault = (result: unknown, conforms = object): string => {
  const encoded = encode(result, conforms);
  return encoded.kind === 'fault' ? `${encoded.code}: ${encoded.reason}` : encoded.body;
};

/** A result whose members throw when they are looked at. */
const trap = (): object =>
  new Proxy(
    {},
    {
      get: () => {
        throw new Error('no peeking');
      },
      getPrototypeOf: () => {
        throw new Error('no peeking');
      },
    },
  );

test('an answer goes out in the envelope of success', async (t) => {
  t.strictSame(encode({ a: 1, b: undefined, c: ['好', null] }), {
    kind: 'body',
    outcome: SUCCESS,
    body: '{"status":"success","data":{"a":1,"c":["好",null]}}',
  });
});

test('an Error that is returned goes out for the caller to read, with the request’s id', async (t) => {
  class NoSuchOrder extends TypeError {}
  t.strictSame(encode(new NoSuchOrder('no order "7"\nhere')), {
    kind: 'body',
    outcome: TOOL_ERROR,
    body: '{"status":"error","message":"no order \\"7\\"\\nhere","request_id":"id-1"}',
  });
});

test('an Error whose message is no text still makes a JSON answer', async (t) => {
  for (const message of [undefined, 1n, { a: 1 }, Symbol('x')]) {
    const encoded = encode(Object.assign(new Error(), { message }));
    if (encoded.kind !== 'body') throw new Error(encoded.reason);
    t.match(JSON.parse(encoded.body), { status: 'error', message: String(message) });
  }
});

test('what JSON has no word for is the plugin’s fault', async (t) => {
  const cycle: Record<string, unknown> = {};
  cycle.self = { cycle };
  t.match(fault({ big: 1n }), /^BAD_OUTPUT: .*BigInt/);
  t.match(fault(cycle), /^BAD_OUTPUT: .*circular/);
  t.match(fault({ toJSON: () => undefined }), /^BAD_OUTPUT: the answer is not JSON/);
  t.match(
    fault({
      toJSON: () => {
        throw new Error('not me');
      },
    }),
    /^BAD_OUTPUT: .*not me/,
  );
});

test('what is no object is outside every output schema', async (t) => {
  for (const result of [undefined, null, () => 1, 'x', 1, Symbol('s'), 1n, true, [], Number.NaN]) {
    t.match(
      fault(result),
      /^BAD_OUTPUT: the answer does not match the output schema: The value must be object/,
    );
  }
});

test('an answer outside its schema is the plugin’s fault, and the reason names the place', async (t) => {
  const schema = { type: 'object', properties: { rows: { type: 'array', items: { type: 'number' } } } };
  const conforms = new SchemaCompiler().compile(schema, '');
  t.match(fault({ rows: [1, 'x'] }, conforms), /"rows\[1\]" must be number/);
  t.match(fault({ rows: [Number.NaN] }, conforms), /"rows\[0\]" must be number/, 'JSON has no NaN');
  t.match(fault({ rows: [Number.POSITIVE_INFINITY] }, conforms), /"rows\[0\]" must be number/);
});

test('a result that throws when it is looked at is a fault, not an exception', async (t) => {
  const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
  const conforms = new SchemaCompiler().compile(schema, '');
  t.match(fault(trap()), /^BAD_OUTPUT: .*no peeking/);
  t.match(
    fault(
      {
        get a() {
          throw new Error('no getting');
        },
      },
      conforms,
    ),
    /^BAD_OUTPUT: .*no getting/,
  );
  t.match(
    fault(
      {
        get a() {
          throw 'text';
        },
      },
      conforms,
    ),
    /^BAD_OUTPUT: .*text/,
  );
});

test('an answer longer than the limit in bytes is the plugin’s fault', async (t) => {
  const room = LONGEST_REPLY - '{"status":"success","data":{"a":""}}'.length;
  t.equal(encode({ a: 'x'.repeat(room) }).kind, 'body', 'the longest that fits');
  t.match(fault({ a: 'x'.repeat(room + 1) }), /^BAD_OUTPUT: the answer is longer than/);
  t.match(fault({ a: '好'.repeat(room / 2) }), /^BAD_OUTPUT: the answer is longer than/, 'three bytes each');
  t.match(fault(new Error('x'.repeat(LONGEST_REPLY))), /^BAD_OUTPUT: the answer is longer than/);
});
