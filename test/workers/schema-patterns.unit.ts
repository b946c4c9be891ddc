import { test } from 'tap';
import { patternsOf } from '../../workers/schema-patterns.ts';

const found = (schema: object): string[] =>
  [...patternsOf(schema, 'input')].map(({ at, pattern }) => `${at}: ${pattern}`);

test('patterns are found wherever a schema can stand', async (t) => {
  t.strictSame(
    found({
      type: 'object',
      properties: {
        id: { type: 'string', pattern: 'a' },
        list: { type: 'array', items: { type: 'string', pattern: 'b' } },
        pair: { type: 'array', items: [{ pattern: 'c' }, { pattern: 'd' }] },
      },
      patternProperties: { '^e': { pattern: 'f' } },
      additionalProperties: { anyOf: [{ pattern: 'g' }, { not: { pattern: 'h' } }] },
      definitions: { name: { pattern: 'i' } },
      dependencies: { id: ['list'], list: { properties: { x: { pattern: 'j' } } } },
    }).toSorted(),
    [
      'input.additionalProperties.anyOf[0].pattern: g',
      'input.additionalProperties.anyOf[1].not.pattern: h',
      'input.definitions.name.pattern: i',
      'input.dependencies.list.properties.x.pattern: j',
      'input.patternProperties.^e.pattern: f',
      'input.patternProperties.^e: ^e',
      'input.properties.id.pattern: a',
      'input.properties.list.items.pattern: b',
      'input.properties.pair.items[0].pattern: c',
      'input.properties.pair.items[1].pattern: d',
    ],
  );
});

test('what only looks like a pattern is none', async (t) => {
  t.strictSame(
    found({
      type: 'object',
      properties: { pattern: { type: 'string' }, patternProperties: { type: 'string' } },
      default: { pattern: '^(a+)+$' },
      enum: [{ pattern: '^(a+)+$' }],
      additionalProperties: false,
    }),
    [],
  );
});
