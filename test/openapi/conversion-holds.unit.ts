/** What holds of every conversion, whatever schema goes in. */
import assert from 'node:assert/strict';
import { Ajv } from 'ajv';
import * as fc from 'fast-check';
import { test } from 'tap';
import { conforms } from '../../src/openapi/conforms.ts';
import { convertSchema } from '../../src/openapi/convert-schema.ts';
import { isList, isObject } from '../../src/openapi/json-kinds.ts';
import { checkDocument } from '../../src/openapi/lint/check-document.ts';
import { compileRe2 } from '../../src/openapi/patterns.ts';
import { pluginDocument } from '../../src/openapi/plugin-document.ts';
import { importDocument } from '../../src/twin/import-document.ts';
import type { Json, JsonObject } from '../../src/wire/json-schema.ts';
import { toolManifest } from '../support/tool-manifest.ts';

/** A schema and a value that is valid under it and has no members but declared ones. */
interface Pair {
  readonly schema: JsonObject;
  readonly value: Json;
}

/** Keywords that are valid for any value, but mean nothing to Coze. */
const noise = fc.record(
  {
    description: fc.constant('words'),
    $comment: fc.constant('no'),
    examples: fc.constant(['x', 1, {}]),
    default: fc.constantFrom<Json>('d', 3, null),
    not: fc.constant({ const: 'never' }),
    if: fc.constant(true),
  },
  { requiredKeys: [] },
);

const noisy = (pairs: fc.Arbitrary<Pair>): fc.Arbitrary<Pair> =>
  fc.tuple(pairs, noise).map(([{ schema, value }, more]) => ({ schema: { ...more, ...schema }, value }));

const scalar: fc.Arbitrary<Pair> = fc.oneof(
  fc.constantFrom<Pair>(
    { schema: { type: 'string' }, value: '' },
    { schema: { type: 'string', format: 'date' }, value: '2020-01-01' },
    { schema: { type: 'string', pattern: '(?=a)', minLength: 1 }, value: 'a' },
    { schema: { type: 'string', pattern: '^[a-z]+$', maxLength: 3 }, value: 'abc' },
    { schema: { type: ['string', 'null'] }, value: 'x' },
    { schema: { type: 'string', nullable: true }, value: 'x' },
    { schema: { const: 'c' }, value: 'c' },
    { schema: { enum: ['a', 1, null] }, value: 'a' },
    { schema: { enum: [1, 2.5] }, value: 2.5 },
    { schema: { type: 'integer', minimum: 1, maximum: 9 }, value: 9 },
    { schema: { type: 'number', exclusiveMinimum: 1, minimum: 0 }, value: 1.5 },
    { schema: { type: 'number', multipleOf: 0.5 }, value: 1.5 },
    { schema: { type: 'boolean' }, value: true },
    { schema: { $ref: '#/$defs/text' }, value: 'referred' },
    { schema: { $ref: 'Point' }, value: { x: 1 } },
    { schema: { $ref: '#/$defs/self' }, value: {} },
    { schema: {}, value: 'anything' },
    { schema: { type: 'object' }, value: {} },
    { schema: { type: 'array' }, value: [] },
  ),
);

const DEFS: JsonObject = {
  text: { type: 'string', maxLength: 20 },
  point: { $id: 'Point', type: 'object', properties: { x: { type: 'integer' } }, required: ['x'] },
  self: { type: 'object', properties: { self: { $ref: '#/$defs/self' } } },
};

const { pair } = fc.letrec<{ pair: Pair }>((tie) => ({
  pair: noisy(
    fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      scalar,
      objectOf(tie('pair')),
      tie('pair').map(({ schema, value }) => ({
        schema: { type: 'array', items: schema },
        value: [value, value],
      })),
      tie('pair').map(({ schema, value }) => ({
        schema: { type: 'array', items: [schema, schema], additionalItems: false, minItems: 2 },
        value: [value, value],
      })),
      fc
        .tuple(fc.constantFrom('anyOf', 'oneOf', 'allOf'), tie('pair'))
        .map(([keyword, { schema, value }]) => ({ schema: { [keyword]: [schema] }, value })),
      fc
        .tuple(tie('pair'), tie('pair'))
        .map(([a, b]) => ({ schema: { anyOf: [a.schema, b.schema] }, value: b.value })),
      fc.tuple(objectOf(tie('pair')), objectOf(tie('pair'), 'q')).map(([a, b]) => ({
        schema: { allOf: [a.schema, b.schema] },
        value: { ...Object(a.value), ...Object(b.value) },
      })),
    ),
  ),
}));

function objectOf(members: fc.Arbitrary<Pair>, prefix = 'p'): fc.Arbitrary<Pair> {
  return fc
    .tuple(
      fc.array(fc.tuple(members, fc.boolean()), { maxLength: 3 }),
      fc.constantFrom<Json | undefined>(undefined, true, { type: 'string' }),
    )
    .map(([list, additionalProperties]) => {
      const named = list.map(([one, isRequired], n) => ({ name: `${prefix}${n}`, one, isRequired }));
      return {
        schema: {
          type: 'object',
          properties: Object.fromEntries(named.map(({ name, one }) => [name, one.schema])),
          required: named.filter(({ isRequired }) => isRequired).map(({ name }) => name),
          ...(additionalProperties !== undefined && { additionalProperties }),
        },
        value: Object.fromEntries(named.map(({ name, one }) => [name, one.value])),
      };
    });
}

const rooted = objectOf(pair).map(({ schema, value }) => ({ schema: { ...schema, $defs: DEFS }, value }));

const ajv = new Ajv({ strict: false, validateSchema: false, logger: false });

function isValid(schema: JsonObject, value: Json): boolean {
  const verdict = ajv.validate(schema, value);
  // It would keep every schema, and the ids in them.
  ajv.removeSchema();
  return verdict;
}

/** In the form of draft-07, which ajv knows: a number that is excluded stands in the exclusive limit itself. */
function inDraft07(schema: Json): Json {
  if (isList(schema)) return schema.map(inDraft07);
  if (!isObject(schema)) return schema;
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, ...rest } = schema;
  return {
    ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, inDraft07(value)])),
    ...(minimum !== undefined && { [exclusiveMinimum === true ? 'exclusiveMinimum' : 'minimum']: minimum }),
    ...(maximum !== undefined && { [exclusiveMaximum === true ? 'exclusiveMaximum' : 'maximum']: maximum }),
  };
}

function documentOf(input: JsonObject, output: JsonObject): JsonObject {
  const manifest = {
    name: 'any',
    version: '1.0.0',
    description: 'Any plugin.',
    tools: [toolManifest('tool', { input, output })],
    hasEvents: false,
  };
  return pluginDocument(manifest, { url: 'https://plugins.example.com', auth: { kind: 'none' } }).document;
}

/** By our linter, and by the stand-in for Coze, whose reading of the rules is its own. Nothing can be wrong with no tool. */
function errorsOf(document: JsonObject): readonly unknown[] {
  if (Object.keys(Object(document.paths)).length === 0) return [];
  const imported = importDocument(document);
  return [
    ...(imported.outcome === 'refused' ? imported.problems : []),
    ...checkDocument(document).filter(({ severity }) => severity === 'error'),
  ];
}

test('a valid answer stays valid under the converted schema, and so do our own checks of it', async (t) => {
  let offered = 0;
  fc.assert(
    fc.property(rooted, ({ schema, value }) => {
      fc.pre(isValid(schema, value));
      const { schema: converted } = convertSchema(schema, { side: 'answer', path: 'o', compile: compileRe2 });
      if (converted === undefined) return true;
      offered += 1;
      return isValid(Object(inDraft07(converted)), value) && conforms(value, converted, compileRe2);
    }),
    { numRuns: 150 },
  );
  t.ok(offered > 10, `${offered} could be offered`);
});

test('what comes out keeps to the ten rules', async () => {
  fc.assert(
    fc.property(rooted, rooted, (input, output) => {
      assert.deepEqual(errorsOf(documentOf(input.schema, output.schema)), []);
    }),
    { numRuns: 150 },
  );
});

test('whatever stands in a schema, the conversion ends and what comes out keeps to the ten rules', async () => {
  const keywords = [
    'type properties items required enum const $ref allOf anyOf oneOf not default example examples format pattern',
    'minimum exclusiveMaximum description additionalProperties prefixItems title minLength nullable x-assist-type __proto__',
  ].flatMap((names) => names.split(' '));
  const leaf = fc.oneof(
    fc.constantFrom<Json>(
      'object',
      'string',
      'array',
      '#',
      '#/$defs/a',
      'image_url',
      '(',
      null,
      true,
      -1,
      1.5,
    ),
    fc.constantFrom<Json>({ type: 'string' }, { type: 'object', properties: { a: { type: 'integer' } } }),
  );
  const { node } = fc.letrec<{ node: Json }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keywords), tie('node'), { maxKeys: 5 }),
    ),
  }));
  const root = fc
    .dictionary(fc.constantFrom(...keywords), node)
    .map((schema) => Object.assign(schema, { type: 'object' }));
  fc.assert(
    fc.property(root, (schema) => {
      assert.deepEqual(errorsOf(documentOf(schema, schema)), []);
    }),
    { numRuns: 15000 },
  );
});
