import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'tap';
import { convertSchema } from '../../src/openapi/convert-schema.ts';
import { convertTool } from '../../src/openapi/convert-tool.ts';
import type { Side } from '../../src/openapi/flatten.ts';
import { compileRe2 } from '../../src/openapi/patterns.ts';
import { whyNotOffered } from '../../src/openapi/why-not-offered.ts';
import type { Json, JsonObject } from '../../src/wire/json-schema.ts';
import { importsOf } from '../architecture/sources.ts';
import { toolManifest } from '../support/tool-manifest.ts';

interface Outcome {
  /** What became of it; undefined: impossible. */
  readonly schema: Json | undefined;
  /** `rule severity`, in the order found. */
  readonly found: readonly string[];
  readonly paths: readonly string[];
}

/** Converts a schema as the property `p` of an object. */
function converted(schema: Json, side: Side = 'request', root: JsonObject = {}): Outcome {
  const whole = { type: 'object', ...root, properties: { p: schema } };
  const result = convertSchema(whole, { side, path: 'x', compile: compileRe2 });
  const properties = result.schema?.properties;
  return {
    schema: properties === undefined ? undefined : Object(properties).p,
    found: result.findings.map(({ rule, severity }) => `${rule} ${severity}`),
    paths: result.findings.map(({ path }) => path),
  };
}

const TEXT = { type: 'string' } as const;

test('what says the same in OpenAPI 3.0 loses nothing', async (t) => {
  const same: readonly (readonly [string, Json, Json])[] = [
    ['const', { const: 'a' }, { type: 'string', enum: ['a'] }],
    ['a typed const', { type: 'number', const: 1 }, { type: 'number', enum: [1] }],
    ['enum alone', { enum: ['a', 'b'] }, { type: 'string', enum: ['a', 'b'] }],
    [
      'a union of literals',
      { anyOf: [{ type: 'string', const: 'a' }, { const: 'b' }] },
      { type: 'string', enum: ['a', 'b'] },
    ],
    ['integer or number', { type: ['integer', 'number'] }, { type: 'number' }],
    [
      'exclusive limits',
      { type: 'number', exclusiveMinimum: 1, exclusiveMaximum: 5 },
      {
        type: 'number',
        minimum: 1,
        exclusiveMinimum: true,
        maximum: 5,
        exclusiveMaximum: true,
      },
    ],
    [
      'the stricter of two limits',
      { type: 'number', minimum: 3, exclusiveMinimum: 1 },
      { type: 'number', minimum: 3 },
    ],
    ['examples', { type: 'integer', examples: ['no', 2, 3] }, { type: 'integer', example: 2 }],
    ['integers', { type: 'integer', default: 3 }, { type: 'integer', default: 3 }],
    [
      'a file',
      { type: 'string', format: 'image_url' },
      { type: 'string', format: 'image_url', 'x-assist-type': 'image' },
    ],
    [
      'allOf of objects',
      {
        allOf: [
          { type: 'object', properties: { a: TEXT }, required: ['a'] },
          { type: 'object', properties: { a: { minLength: 2 }, b: TEXT }, required: ['b'] },
        ],
      },
      {
        type: 'object',
        properties: { a: { type: 'string', minLength: 2 }, b: TEXT },
        required: ['a', 'b'],
      },
    ],
    [
      'words for people',
      { ...TEXT, title: 'T', description: 'D', $comment: 'no', 'x-variable-ref': 'v' },
      { ...TEXT, title: 'T', description: 'D', 'x-variable-ref': 'v' },
    ],
    ['one pattern', { type: 'string', pattern: '^[0-9]{18}$' }, { type: 'string', pattern: '^[0-9]{18}$' }],
  ];
  for (const [name, schema, expected] of same)
    t.strictSame(converted(schema), { schema: expected, found: [], paths: [] }, name);
});

test('what is lost is reported with its rule, and the rest is kept', async (t) => {
  const lost: readonly (readonly [string, Json, Json, string])[] = [
    ['null', { type: ['string', 'null'] }, TEXT, '6 loss'],
    ['nullable', { type: 'string', nullable: true }, TEXT, '6 loss'],
    ['a union with null', { anyOf: [TEXT, { type: 'null' }] }, TEXT, '6 loss'],
    ['a type that has to be guessed', { minLength: 1 }, { ...TEXT, minLength: 1 }, '6 loss'],
    ['a format', { ...TEXT, format: 'date-time' }, TEXT, '7 loss'],
    ['a pattern RE2 refuses', { ...TEXT, pattern: '^(?!a)' }, TEXT, '8 loss'],
    ['not', { ...TEXT, not: { const: 'a' } }, TEXT, '8 loss'],
    [
      'a default that is not valid',
      { type: 'integer', maximum: 3, default: 4 },
      { type: 'integer', maximum: 3 },
      '8 loss',
    ],
    ['an example of another type', { ...TEXT, example: 1 }, TEXT, '8 loss'],
    [
      'a tuple of one type',
      { type: 'array', items: [TEXT, TEXT], minItems: 2 },
      { type: 'array', items: TEXT, minItems: 2 },
      '8 loss',
    ],
    ['prefixItems', { type: 'array', prefixItems: [TEXT, TEXT] }, { type: 'array', items: TEXT }, '8 loss'],
    [
      'further members',
      { type: 'object', properties: { a: TEXT }, additionalProperties: TEXT },
      { type: 'object', properties: { a: TEXT } },
      '10 loss',
    ],
    [
      'alternatives of one type',
      {
        oneOf: [
          { ...TEXT, minLength: 2 },
          { ...TEXT, minLength: 5 },
        ],
      },
      { ...TEXT, minLength: 2 },
      '6 loss',
    ],
  ];
  for (const [name, schema, expected, found] of lost)
    t.strictSame(converted(schema), { schema: expected, found: [found], paths: ['x.properties.p'] }, name);
});

test('alternatives of objects offer the properties of all and require what all require', async (t) => {
  const { schema, found } = converted(
    {
      oneOf: [
        {
          type: 'object',
          properties: { kind: { const: 'a' }, n: { type: 'integer' } },
          required: ['kind', 'n'],
        },
        { type: 'object', properties: { kind: { const: 'b' }, s: TEXT }, required: ['kind', 's'] },
      ],
    },
    'answer',
  );
  t.strictSame(schema, {
    type: 'object',
    properties: { kind: { type: 'string', enum: ['a', 'b'] }, n: { type: 'integer' }, s: TEXT },
    required: ['kind'],
  });
  t.strictSame(found, ['6 loss']);
});

test('an answer is not narrowed, a request may be', async (t) => {
  const several = { type: ['string', 'integer'] };
  t.strictSame(converted(several, 'request'), { schema: TEXT, found: ['6 loss'], paths: ['x.properties.p'] });
  t.strictSame(converted(several, 'answer').found, ['6 impossible']);
  for (const free of [{ type: 'object' }, { type: 'object', additionalProperties: TEXT }]) {
    t.strictSame(converted(free, 'request').found, ['10 loss']);
    t.strictSame(converted(free, 'answer').found, ['10 impossible']);
  }
  const undeclared = { type: 'object', properties: { a: TEXT }, required: ['b'] };
  t.strictSame(converted(undeclared, 'request').found, ['10 impossible'], 'it would never come');
  t.strictSame(converted(undeclared, 'answer').found, ['10 loss'], 'it would vanish');
});

test('what cannot be said at all is impossible on both sides', async (t) => {
  const defs = { $defs: { Node: { type: 'object', properties: { next: { $ref: '#/$defs/Node' } } } } };
  const impossible: readonly (readonly [string, Json, string])[] = [
    ['anything', {}, '6 impossible'],
    ['true', true, '6 impossible'],
    ['only null', { type: 'null' }, '6 impossible'],
    ['no value', { allOf: [TEXT, { type: 'integer' }] }, '6 impossible'],
    ['an array of anything', { type: 'array' }, '6 impossible'],
    ['a schema that contains itself', { $ref: '#/$defs/Node' }, '8 impossible'],
    ['the root in itself', { $ref: '#' }, '8 impossible'],
    ['a reference to nothing', { $ref: '#/$defs/None' }, '8 impossible'],
  ];
  for (const [name, schema, found] of impossible) {
    for (const side of ['request', 'answer'] as const)
      t.strictSame(converted(schema, side, defs).found, [found], name);
  }
});

test('references are replaced by what they lead to, by pointer, id and anchor', async (t) => {
  const root = {
    $defs: {
      'a/b c': { type: 'integer', description: 'theirs' },
      named: { $id: 'Named', type: 'boolean' },
      anchored: { $anchor: 'here', type: 'number' },
      twice: { type: 'array', items: { $ref: '#/$defs/a~1b%20c' } },
    },
  };
  t.strictSame(converted({ $ref: '#/$defs/a~1b%20c' }, 'answer', root).schema, {
    type: 'integer',
    description: 'theirs',
  });
  t.strictSame(converted({ $ref: '#/$defs/a~1b%20c', description: 'ours' }, 'answer', root).schema, {
    type: 'integer',
    description: 'ours',
  });
  t.strictSame(converted({ $ref: 'Named' }, 'answer', root).schema, { type: 'boolean' });
  t.strictSame(converted({ $ref: '#here' }, 'answer', root).schema, { type: 'number' });
  t.strictSame(converted({ $ref: '#/$defs/twice' }, 'answer', root).schema, {
    type: 'array',
    items: { type: 'integer', description: 'theirs' },
  });
});

test('a finding names the place where the author finds it', async (t) => {
  const schema = {
    type: 'object',
    properties: {
      lines: { type: 'array', items: { type: 'object', properties: { at: { ...TEXT, format: 'date' } } } },
    },
  };
  const { findings } = convertSchema(schema, {
    side: 'answer',
    path: 'tools.get.output',
    compile: compileRe2,
  });
  t.strictSame(findings, [
    {
      path: 'tools.get.output.properties.lines.items.properties.at',
      rule: 7,
      severity: 'loss',
      what: 'has the format "date", which Coze does not know; it is left out',
    },
  ]);
});

test('a tool without arguments and one that answers with nothing are no free forms', async (t) => {
  const empty = { type: 'object', properties: {} };
  for (const closed of [empty, { type: 'object', additionalProperties: false }]) {
    const { schemas, findings } = convertTool(
      toolManifest('ping', { input: closed, output: closed }),
      compileRe2,
    );
    t.strictSame(findings, []);
    t.strictSame(schemas, { input: empty, output: empty });
  }
});

test('arguments that cannot stand in path or query are impossible there', async (t) => {
  const input = {
    type: 'object',
    properties: {
      id: { type: 'array', items: TEXT },
      tags: { type: 'array', items: TEXT },
      filter: { type: 'object', properties: { a: TEXT } },
      rows: { type: 'array', items: { type: 'object', properties: { a: TEXT } } },
    },
  };
  const native = {
    method: 'GET',
    path: '/{id}',
    pathArguments: ['id'],
    queryArguments: ['tags', 'filter', 'rows'],
  } as const;
  const output = { type: 'object', properties: {} };
  const { findings } = convertTool(toolManifest('list', { input, output, native }), compileRe2);
  t.strictSame(
    findings.map(({ path, rule, severity }) => [path, rule, severity]),
    ['id', 'filter', 'rows'].map((name) => [`tools.list.input.properties.${name}`, 4, 'impossible']),
  );
});

test('whyNotOffered is the first impossible thing as a sentence, or nothing', async (t) => {
  const output = { type: 'object', properties: { rows: { type: 'array' } } };
  t.equal(
    whyNotOffered(toolManifest('get', { output })),
    'tools.get.output.properties.rows has no items; say what the array is of',
  );
  t.equal(
    whyNotOffered(toolManifest('get')),
    'tools.get.output declares no properties, so it arrives as {}; declare them',
  );
  const lossy = { type: 'object', properties: { at: { ...TEXT, format: 'date', pattern: '(?=x)' } } };
  t.equal(whyNotOffered(toolManifest('get', { input: lossy, output: lossy })), undefined);
});

test('whyNotOffered loads no package, and pages none before they are asked', async (t) => {
  for (const start of ['src/openapi/why-not-offered.ts', 'src/openapi/pages.ts']) {
    const files = [start];
    const packages: string[] = [];
    for (const file of files) {
      for (const { specifier, isTypeOnly } of importsOf(file)) {
        const target = join(dirname(file), specifier);
        const isLater = start.endsWith('pages.ts') && specifier.endsWith('-document.ts');
        if (isTypeOnly || isLater || isBuiltin(specifier)) continue;
        if (!specifier.startsWith('.')) packages.push(specifier);
        else if (!files.includes(target)) files.push(target);
      }
    }
    t.strictSame(packages, [], start);
  }
});

test('schemas that references or alternatives multiply are refused before they grow', async (t) => {
  const levels = Array.from({ length: 40 }, (_, n) => [
    `d${n}`,
    { type: 'object', properties: { a: { $ref: `#/$defs/d${n + 1}` }, b: { $ref: `#/$defs/d${n + 1}` } } },
  ]);
  const nested = { $defs: { ...Object.fromEntries(levels), d40: TEXT } };
  const merged = Array.from({ length: 40 }, (_, n) => [
    `d${n}`,
    { allOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
  ]);
  const flat = { $defs: { ...Object.fromEntries(merged), d40: TEXT } };
  const choices = Array.from({ length: 20 }, (_, n) => ({
    anyOf: [{ properties: { [`a${n}`]: TEXT } }, { properties: { [`b${n}`]: TEXT } }],
  }));
  for (const [schema, root] of [
    [{ $ref: '#/$defs/d0' }, nested],
    [{ $ref: '#/$defs/d0' }, flat],
    [{ type: 'object', allOf: choices }, {}],
  ] as const)
    t.match(converted(schema, 'answer', root).found.join(), /impossible/);
  const many = { anyOf: Array.from({ length: 1000 }, (_, n) => ({ const: `c${n}` })) };
  t.equal(Object(converted(many, 'answer').schema).enum.length, 1000, 'many literals are just values');
});
