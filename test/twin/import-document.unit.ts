import { assert, constantFrom, jsonValue, property } from 'fast-check';
import { test } from 'tap';
import type { Rule } from '../../src/twin/findings.ts';
import { importDocument } from '../../src/twin/import-document.ts';
import type { Json, JsonObject } from '../../src/twin/json.ts';
import { whyNotRe2 } from '../../src/twin/re2-syntax.ts';
import { documentOf, operation, requestBody, responses } from './sample-document.ts';

const text: JsonObject = { type: 'string' };
const input: JsonObject = {
  type: 'object',
  required: ['city'],
  properties: {
    city: { type: 'string', pattern: '^[a-z]+$', default: 'rome', example: 'oslo', 'x-own': 1 },
    days: { type: 'array', items: { type: 'integer', minimum: 0, exclusiveMinimum: true } },
    photo: { type: 'string', format: 'image_url', 'x-assist-type': 'image_url' },
    inner: { type: 'object', properties: {}, additionalProperties: false },
  },
};
const query: JsonObject = { name: 'q', in: 'query', schema: { type: 'array', items: text } };
const inPath: JsonObject = { name: 'id', in: 'path', required: true, schema: text };

/** A right document with one operation of each method and everything that is allowed. */
const right = documentOf({
  '/tell': { post: operation('tell', { requestBody: requestBody(input) }) },
  '/find/{id}': {
    get: operation('find', { parameters: [inPath, query], 'x-runMode': 'Streaming' }),
  },
});

/** The document with the value at a place changed; undefined takes it away. */
function changed(place: string, value: Json | undefined): JsonObject {
  const copy: JsonObject = structuredClone(right);
  const steps = place
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = steps.pop() ?? '';
  let holder: unknown = copy;
  for (const step of steps) holder = Reflect.get(Object(holder), step);
  if (value === undefined) Reflect.deleteProperty(Object(holder), last);
  else Reflect.set(Object(holder), last, value);
  return copy;
}

const tell = '#/paths/~1tell/post';
const body = `${tell}/requestBody/content/application~1json/schema`;
const city = `${body}/properties/city`;
const ok = `${tell}/responses/200`;
const answer = `${ok}/content/application~1json/schema`;
const find = '#/paths/~1find~1{id}/get';

/** The rule that a change breaks, the change, and the place that is told where it is another one. */
const BROKEN: readonly (readonly [rule: Rule, place: string, value: Json | undefined, told?: string])[] = [
  [1, '#/openapi', '3.1.0'],
  [1, '#/info', undefined],
  [1, '#/info/title', ''],
  [1, '#/info/description', undefined],
  [1, '#/info/version', ''],
  [1, '#/servers', []],
  [1, '#/servers', [{ url: 'https://a.example' }, { url: 'https://b.example' }]],
  [1, '#/servers/0/url', '/relative'],
  [1, '#/servers/0/url', `https://a.example/${'x'.repeat(500)}`],
  [2, '#/paths', {}],
  [2, '#/paths/tell', { post: operation('other') }],
  [
    2,
    '#/paths/~1find~1{other}',
    { post: operation('other', { parameters: [{ ...inPath, name: 'other' }] }) },
  ],
  [2, '#/paths/~1tell/head', operation('head')],
  [2, tell, null],
  [2, `${tell}/operationId`, undefined],
  [2, `${tell}/operationId`, 'has blanks'],
  [2, `${tell}/operationId`, 'x'.repeat(65)],
  [2, `${tell}/operationId`, 'find', `${find}/operationId`],
  [2, `${tell}/summary`, ''],
  [2, `${tell}/responses`, undefined],
  [3, `${tell}/requestBody/content`, {}],
  [3, `${tell}/requestBody/content`, { 'text/plain': {} }],
  [3, `${tell}/requestBody/content/text~1plain`, { schema: input }, `${tell}/requestBody/content`],
  [3, body, text],
  [3, `${find}/requestBody`, requestBody(input)],
  [4, '#/paths/~1tell/parameters', [query]],
  [4, `${find}/parameters/1/in`, 'cookie'],
  [4, `${find}/parameters/1/name`, ''],
  [4, `${find}/parameters/1/schema`, undefined],
  [4, `${find}/parameters/1/schema`, { type: 'object', properties: {} }],
  [4, `${find}/parameters/1/schema/items`, { type: 'array', items: text }],
  [4, `${find}/parameters/2`, query],
  [4, `${find}/parameters/0/required`, false],
  [4, `${find}/parameters/0/schema`, { type: 'array', items: text }],
  [4, `${find}/parameters`, [query]],
  [4, `${tell}/parameters`, [inPath]],
  [5, `${tell}/responses/404`, { description: 'no' }],
  [5, `${tell}/responses`, { default: { description: 'x' } }],
  [5, `${ok}/description`, undefined],
  [5, `${ok}/content`, { 'text/html': {} }],
  [5, answer, { type: 'array', items: text }],
  [6, `${city}/type`, undefined],
  [6, `${city}/type`, 'null'],
  [6, `${city}/oneOf`, [text]],
  [6, `${body}/properties/days/items`, undefined],
  [7, `${city}/format`, 'date-time'],
  [7, `${body}/properties/photo/x-assist-type`, undefined, `${body}/properties/photo`],
  [8, `${city}/const`, 'rome'],
  [8, `${body}/$schema`, 'http://json-schema.org/draft-07/schema#'],
  [8, `${city}/type`, ['string']],
  [8, `${body}/properties/days/items/exclusiveMinimum`, 3],
  [8, `${city}/pattern`, '^(?!x)'],
  [8, `${city}/default`, 'ROME'],
  [8, `${city}/example`, 7],
  [8, `${body}/properties/photo/enum`, []],
  [8, `${body}/required`, true],
  [8, `${body}/properties/inner/$ref`, '#/components/schemas/Inner'],
  [9, '#/webhooks', {}],
  [9, `${city}/unit`, 'none'],
  [9, `${tell}/operationid`, 'tell'],
  [10, `${body}/properties/inner`, { type: 'object' }],
  [10, answer, { type: 'object' }],
];

test('a right document becomes tools', async (t) => {
  const imported = importDocument(right);
  if (imported.outcome === 'refused') return t.fail(JSON.stringify(imported.problems));
  t.strictSame([...imported.tools.keys()], ['tell', 'find']);
  t.match(imported, {
    title: 'Sample',
    description: 'A sample.',
    server: 'https://plugins.example.com/p/sample',
  });
  t.match(imported.tools.get('tell'), {
    summary: 'Does tell.',
    method: 'POST',
    url: 'https://plugins.example.com/p/sample/tell',
    parameters: [],
    body: input,
    isStreaming: false,
  });
  t.match(imported.tools.get('find'), {
    method: 'GET',
    url: 'https://plugins.example.com/p/sample/find/{id}',
    parameters: [
      { name: 'id', where: 'path', isRequired: true, schema: text },
      { name: 'q', where: 'query', isRequired: false },
    ],
    body: undefined,
    isStreaming: true,
  });
});

test('each rule is told, with the place that breaks it and nothing else', async (t) => {
  for (const [rule, place, value, told = place] of BROKEN) {
    const imported = importDocument(changed(place, value));
    const problems = imported.outcome === 'refused' ? imported.problems : [];
    const name = `rule ${rule}: ${place} ${JSON.stringify(value)}`;
    t.ok(
      problems.some((problem) => problem.rule === rule && problem.place.startsWith(told)),
      `${name}: ${JSON.stringify(problems)}`,
    );
    t.ok(
      problems.every((problem) => problem.place.startsWith(told) || told.startsWith(problem.place)),
      `${name}: ${JSON.stringify(problems)}`,
    );
  }
  t.strictSame([...new Set(BROKEN.map(([rule]) => rule))], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('everything that is wrong is told at once', async (t) => {
  const bad = documentOf({ '/x': { post: operation('', { responses: responses({}) }) } }, 'nowhere');
  const imported = importDocument(bad);
  t.equal(imported.outcome, 'refused');
  if (imported.outcome === 'refused') {
    t.strictSame(new Set(imported.problems.map(({ rule }) => rule)), new Set([1, 2, 5, 6]));
  }
});

test('whatever a document is, it is imported or refused with a reason', async (t) => {
  const places = ['#/info', '#/servers', '#/paths', tell, body, city, ok, answer, find, `${find}/parameters`];
  const json = jsonValue();
  assert(
    property(constantFrom(...places), json, (place, value) => {
      const plain: Json = JSON.parse(JSON.stringify(value));
      for (const document of [plain, changed(place, plain)]) {
        const imported = importDocument(document);
        if (imported.outcome === 'refused' && imported.problems.length === 0) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
  t.pass('never thrown');
});

test('patterns that Go cannot compile are told from those that it can', async (t) => {
  const good = [
    '',
    '^[a-z]{2,5}$',
    '(?:a|b)+?',
    '\\d\\.\\/',
    '[\\w.-]+@',
    '\\p{Lu}',
    '\\u4E00',
    '(?<year>\\d+)',
    '[(?=]',
  ];
  for (const pattern of good) t.equal(whyNotRe2(pattern), undefined, pattern);
  const bad = [
    '(',
    '(?=a)',
    '(?!a)',
    '(?<=a)b',
    '(?<!a)b',
    '(a)\\1',
    '(?<a>x)\\k<a>',
    'a{1001}',
    '[]',
    '[^]',
    '\\cA',
  ];
  for (const pattern of bad) t.type(whyNotRe2(pattern), 'string', pattern);
});
