import * as fc from 'fast-check';
import { test } from 'tap';
import { SchemaCompiler } from '../../workers/schema.ts';

const compile = (schema: object, root = 'parameters') => new SchemaCompiler().compile(schema, root);

const PERSON = {
  type: 'object',
  properties: {
    user_id: { type: 'integer' },
    name: { type: 'string', minLength: 2, maxLength: 5 },
    tags: { type: 'array', items: { type: 'string' }, maxItems: 2 },
    address: {
      type: 'object',
      properties: { city: { type: 'string' }, zip: { enum: ['a', 1, null] } },
      required: ['city'],
      additionalProperties: false,
    },
    kind: { const: 'person' },
    size: { type: ['integer', 'string'] },
  },
  required: ['user_id'],
};

test('a violation is worded as the specification words it', async (t) => {
  const check = compile(PERSON, '');
  t.equal(check({ user_id: 'x' }), '"user_id" must be integer');
  t.equal(check({}), '"user_id" is required');
  t.equal(check({ user_id: 1 }), undefined);
});

test('a nested field is named with its whole path', async (t) => {
  const check = compile(PERSON);
  const wrong = (extra: object) => check({ user_id: 1, ...extra });
  t.equal(wrong({ tags: ['a', 2] }), '"parameters.tags[1]" must be string');
  t.equal(wrong({ address: {} }), '"parameters.address.city" is required');
  t.equal(wrong({ address: { city: 1 } }), '"parameters.address.city" must be string');
  t.equal(wrong({ address: { city: 'x', country: 'y' } }), '"parameters.address.country" is not allowed');
  t.equal(wrong({ address: { city: 'x', zip: 2 } }), '"parameters.address.zip" must be one of "a",1,null');
  t.equal(wrong({ kind: 'pet' }), '"parameters.kind" must be "person"');
  t.equal(wrong({ size: null }), '"parameters.size" must be integer or string');
  t.match(wrong({ name: 'x' }), /^"parameters\.name" must NOT have fewer than 2 characters$/);
  t.match(wrong({ tags: ['a', 'b', 'c'] }), /^"parameters\.tags" must NOT have more than 2 items$/);
});

test('a key with a slash or a tilde is named as it is', async (t) => {
  const check = compile({
    type: 'object',
    properties: { 'a/b': { type: 'object', properties: { 'c~d': { type: 'null' } } } },
  });
  t.equal(check({ 'a/b': { 'c~d': 1 } }), '"parameters.a/b.c~d" must be null');
});

test('a value that is no object is told so', async (t) => {
  t.equal(compile(PERSON)([]), '"parameters" must be object');
  t.equal(compile(PERSON, '')(undefined), 'The value must be object');
});

test('a violation stays short whatever the caller sends and the schema says', async () => {
  const long = 'x'.repeat(5000);
  const check = compile({
    type: 'object',
    properties: { a: { enum: [long] }, b: { pattern: `^${long}$` }, c: { const: long } },
    required: ['a'],
    additionalProperties: false,
  });
  const map = compile({ type: 'object', additionalProperties: { type: 'integer' } });
  const lengths = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(lengths, fc.constantFrom('k', '好', '"', '~1'), (length, unit) => {
      const text = unit.repeat(length);
      const problems = [
        check({ a: long, [text]: 1 }),
        check({ a: text }),
        check({ a: long, b: text }),
        check({ a: long, c: text }),
        map({ [text]: text }),
      ];
      return problems.every((problem) => problem !== undefined && problem.length <= 301);
    }),
    { numRuns: 50 },
  );
});

test('of several violations one is reported', async (t) => {
  t.equal(compile(PERSON)({ name: 1, tags: 2, size: null }), '"parameters.user_id" is required');
});

test('inherited properties count as absent', async (t) => {
  const check = compile({
    type: 'object',
    properties: { constructor: { type: 'string' } },
    required: ['toString'],
  });
  t.equal(check({}), '"parameters.toString" is required');
  t.equal(check({ toString: 1 }), undefined, 'the inherited constructor is not looked at');
});

test('the words of Coze’s OpenAPI dialect are no errors', async (t) => {
  const check = compile({
    type: 'object',
    properties: {
      picture: { type: 'string', format: 'image_url', 'x-assist-type': 'image', example: 'https://a/b.png' },
      mail: { type: 'string', format: 'email' },
    },
    'x-runMode': 'Streaming',
  });
  t.equal(check({ picture: 'anything' }), undefined);
  t.equal(check({ mail: 'nobody' }), '"parameters.mail" must match format "email"');
});

test('a schema with a misspelt keyword does not compile', async (t) => {
  t.throws(() => compile({ type: 'object', propertys: {} }), /propertys/);
  t.throws(() => compile({ type: 'objekt' }), /type/);
});

test('a hostile text for the format url is refused in no time, an ordinary URL is taken', async (t) => {
  const check = new SchemaCompiler().compile({ type: 'string', format: 'url' }, 'text');
  t.equal(check(`https://example.com/${'a'.repeat(3000)}?b=c`), undefined);
  const before = process.threadCpuUsage();
  t.match(check(`http://${'}:T'.repeat(60_000)}\n`), /must match format "url"/);
  const { user, system } = process.threadCpuUsage(before);
  t.ok(user + system < 1_000_000, 'less than a second of CPU time');
});
