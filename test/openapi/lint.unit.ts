import { test } from 'tap';
import { stringify } from 'yaml';
import { checkDocument } from '../../src/openapi/lint/check-document.ts';
import { MOST_VIOLATIONS } from '../../src/openapi/lint/inspection.ts';
import { lintText } from '../../src/openapi/lint/lint-text.ts';
import type { Json, JsonObject } from '../../src/wire/json-schema.ts';

const TEXT = { type: 'string' } as const;
const ANSWER = { type: 'object', properties: { a: TEXT } };

const json = (schema: Json): JsonObject => ({ content: { 'application/json': { schema } } });
const answered = (schema: Json = ANSWER): JsonObject => ({ 200: { description: 'Well.', ...json(schema) } });

const operation = { operationId: 'get', summary: 'Gets.', responses: answered() };

const whole = {
  openapi: '3.0.1',
  info: { title: 'T', description: 'D', version: '1' },
  servers: [{ url: 'https://plugins.example.com' }],
  paths: { '/get': { post: operation } },
};

/** One document with another operation, path or root. */
const withOperation = (own: JsonObject): JsonObject => ({
  ...whole,
  paths: { '/get': { post: { ...operation, ...own } } },
});
const withBody = (schema: Json): JsonObject =>
  withOperation({ requestBody: json({ type: 'object', properties: { p: schema } }) });
const withAnswer = (schema: Json): JsonObject =>
  withOperation({ responses: answered({ type: 'object', properties: { p: schema } }) });
const withParameter = (own: JsonObject, path = '/get'): JsonObject => ({
  ...whole,
  paths: {
    [path]: { get: { ...operation, parameters: [{ name: 'p', in: 'query', schema: TEXT, ...own }] } },
  },
});

const found = (document: Json): string[] =>
  checkDocument(document).map(({ rule, severity }) => `${rule} ${severity}`);

test('a document that keeps to the rules has no findings', async (t) => {
  t.strictSame(checkDocument(whole), []);
  const rich = withOperation({
    'x-runMode': 'Streaming',
    parameters: [{ name: 'X-A', in: 'header', schema: { type: 'array', items: TEXT } }],
    requestBody: json({
      type: 'object',
      properties: {
        file: { type: 'string', format: 'image_url', 'x-assist-type': 'image' },
        n: { type: 'number', minimum: 1, exclusiveMinimum: true, default: 2, example: 3 },
        s: { type: 'string', pattern: '^[a-z]+$', enum: ['a', 'b'], default: 'a' },
      },
      required: ['file'],
    }),
    responses: { ...answered(), default: { description: 'Badly.' } },
  });
  t.strictSame(checkDocument(rich), []);
});

test('each rule is checked', async (t) => {
  const { description: _, ...info } = whole.info;
  const broken: readonly (readonly [string, Json, readonly string[]])[] = [
    ['no object', 'text', ['1 error']],
    ['Swagger 2', { swagger: '2.0' }, ['1 error']],
    ['OpenAPI 3.1', { ...whole, openapi: '3.1.0' }, ['1 error']],
    ['another 3.0', { ...whole, openapi: '3.0.3' }, ['1 loss']],
    ['no description', { ...whole, info }, ['1 error']],
    ['two servers', { ...whole, servers: [...whole.servers, ...whole.servers] }, ['1 error']],
    ['no host', { ...whole, servers: [{ url: '/p/x' }] }, ['1 error']],
    ['plain http', { ...whole, servers: [{ url: 'http://a.example' }] }, ['1 loss']],
    ['a long address', { ...whole, servers: [{ url: `https://a.example/${'x'.repeat(500)}` }] }, ['1 error']],
    ['no operation', { ...whole, paths: {} }, ['2 error']],
    ['a bad name', withOperation({ operationId: 'get it' }), ['2 error']],
    ['no summary', withOperation({ summary: ' ' }), ['2 error']],
    ['one name twice', { ...whole, paths: { '/a': { get: operation, post: operation } } }, ['2 error']],
    ['a form', withOperation({ requestBody: { content: { 'text/plain': { schema: TEXT } } } }), ['3 error']],
    ['a text as body', withOperation({ requestBody: json(TEXT) }), ['3 error']],
    ['a cookie', withParameter({ in: 'cookie' }), ['4 error']],
    ['an object in the query', withParameter({ schema: ANSWER }), ['4 error']],
    ['a list of objects', withParameter({ schema: { type: 'array', items: ANSWER } }), ['4 error']],
    ['a path argument that may be absent', withParameter({ in: 'path' }, '/{p}'), ['4 error']],
    [
      'a list in the path',
      withParameter({ in: 'path', required: true, schema: { type: 'array', items: TEXT } }, '/{p}'),
      ['4 error'],
    ],
    ['a path argument nobody declares', { ...whole, paths: { '/{p}': { post: operation } } }, ['4 error']],
    ['a path argument nobody uses', withParameter({ in: 'path', required: true }), ['4 error']],
    [
      'a second status',
      withOperation({ responses: { ...answered(), 404: { description: 'None.' } } }),
      ['5 error'],
    ],
    ['no 200', withOperation({ responses: { default: { description: 'Well.' } } }), ['5 error']],
    ['an answer without words', withOperation({ responses: { 200: json(ANSWER) } }), ['5 error']],
    ['a list as answer', withOperation({ responses: answered({ type: 'array', items: TEXT }) }), ['5 error']],
    ['no type', withBody({ description: 'Any.' }), ['6 error']],
    ['an unknown type', withBody({ type: 'file' }), ['6 error']],
    ['no items', withBody({ type: 'array' }), ['6 error']],
    ['alternatives', withBody({ type: 'string', oneOf: [TEXT] }), ['6 error']],
    ['a value of another type', withBody({ type: 'string', enum: [1] }), ['6 error']],
    ['null', withBody({ type: 'string', nullable: true }), ['6 loss']],
    ['a format', withBody({ type: 'string', format: 'date' }), ['7 error']],
    ['several types', withBody({ type: ['string', 'null'] }), ['8 error']],
    ['a keyword of JSON Schema', withBody({ type: 'string', const: 'a' }), ['8 error']],
    ['an excluded number', withBody({ type: 'integer', exclusiveMinimum: 1 }), ['8 error']],
    ['look-around', withBody({ type: 'string', pattern: '(?=a)' }), ['8 error']],
    ['a default that is not valid', withBody({ type: 'integer', default: 'a' }), ['8 error']],
    ['an example that is not valid', withBody({ type: 'string', maxLength: 1, example: 'ab' }), ['8 error']],
    [
      'a reference',
      { ...withBody({ $ref: '#/components/schemas/A' }), components: { schemas: { A: TEXT } } },
      ['8 error'],
    ],
    ['a reference to nothing', withBody({ $ref: '#/components/schemas/A' }), ['8 error', '8 error']],
    ['a key of their own', withBody({ type: 'string', note: 'a' }), ['9 error']],
    ['a key of their own elsewhere', withOperation({ note: 'a' }), ['9 error']],
    ['an answer without properties', withAnswer({ type: 'object' }), ['10 error']],
    ['a request without properties', withBody({ type: 'object' }), ['10 loss']],
    ['undeclared members', withAnswer({ ...ANSWER, additionalProperties: true }), ['10 loss']],
    ['a required member nobody declares', withAnswer({ ...ANSWER, required: ['b'] }), ['10 loss']],
  ];
  for (const [name, document, expected] of broken) t.strictSame(found(document), expected, name);
});

test('what references lead to is checked where it stands, once for each side', async (t) => {
  const components = {
    schemas: {
      Node: {
        type: 'object',
        properties: { next: { $ref: '#/components/schemas/Node' }, at: { type: 'string', format: 'date' } },
      },
    },
  };
  const $ref = '#/components/schemas/Node';
  const document = {
    ...withOperation({ requestBody: json({ $ref }), responses: answered({ $ref }) }),
    components,
  };
  const formats = checkDocument(document).filter(({ rule }) => rule === 7);
  t.strictSame(
    formats.map(({ path }) => path.join('.')),
    ['components.schemas.Node.properties.at.format', 'components.schemas.Node.properties.at.format'],
  );
});

test('findings in a file have line and column, in YAML and in JSON', async (t) => {
  const yaml = `openapi: 3.0.1
info: { title: T, description: D, version: "1" }
servers:
  - url: https://a.example
paths:
  /get:
    post:
      operationId: get
      responses:
        "200":
          description: Well.
          content:
            application/json:
              schema:
                type: object
                properties:
                  at: { type: string, format: date }
`;
  const places = lintText(yaml).map(({ line, column, rule }) => [line, column, rule]);
  t.strictSame(places, [
    [7, 5, 2],
    [17, 39, 7],
  ]);
  const [first, ...others] = lintText(JSON.stringify({ ...whole, openapi: '3.1.0' }, null, '\t'));
  t.match(first, { line: 2, column: 2, rule: 1, severity: 'error', path: ['openapi'] });
  t.strictSame(others, []);
});

/** One level of a bomb: nine times the level below. */
const alias = (n: number): string => `a${n}: &a${n} [${`*a${n - 1},`.repeat(9)}]\n`;

test('a text that cannot be read is one or a few clear findings', async (t) => {
  const texts: readonly (readonly [string, string, RegExp])[] = [
    ['broken YAML', 'a: [1\nb: 2\n', /must be sufficiently indented|Flow sequence/],
    ['broken JSON', '{"a": 1,', /./],
    ['nothing', '', /is empty/],
    ['a comment', '# nothing\n', /is empty/],
    ['a key twice', '{"a": 1,\n "a": 2}', /the key "a" comes twice/],
    ['two documents', 'a: 1\n---\nb: 2\n', /multiple documents/],
    ['a bomb', `a0: &a0 [x,x]\n${[1, 2, 3, 4, 5, 6, 7, 8].map(alias).join('')}`, /stand for too much/],
    ['depth', '['.repeat(100_000), /nests too deep/],
    ['size', `a: ${'x'.repeat(3 * 2 ** 20)}`, /larger than 2 MiB/],
  ];
  for (const [name, text, expected] of texts) {
    const findings = lintText(text);
    t.ok(findings.length > 0 && findings.length <= 10, name);
    t.ok(
      findings.every(
        ({ rule, severity, line, column }) =>
          rule === undefined && severity === 'error' && line > 0 && column > 0,
      ),
      name,
    );
    t.match(findings[0]?.what, expected, name);
  }
});

test('a document that contains itself or has no end of mistakes is checked to an end', async (t) => {
  const itself = stringify(whole)
    .replace(/schema:\n(\s+)type: object/, 'schema: &s\n$1type: object')
    .replace('a:\n', 'b: *s\n                  a:\n');
  t.match(itself, /\*s/);
  t.strictSame(lintText(itself), []);
  const properties = Object.fromEntries(Array.from({ length: 3000 }, (_, n) => [`p${n}`, { type: 'null' }]));
  t.equal(lintText(JSON.stringify(withBody({ type: 'object', properties }))).length, MOST_VIOLATIONS);
});
