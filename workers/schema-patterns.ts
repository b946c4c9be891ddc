/**
 * Every regular expression in a JSON Schema, with the place where it stands.
 */

export interface SchemaPattern {
  /** Such as `tools.check.input.properties.email.pattern`. */
  readonly at: string;
  readonly pattern: string;
}

/** Keywords whose value is a schema, or a list of schemas. */
const SCHEMAS = [
  'items',
  'additionalItems',
  'additionalProperties',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'allOf',
  'anyOf',
  'oneOf',
];
/** Keywords whose value is a table of schemas. */
const TABLES = ['properties', 'patternProperties', 'definitions', '$defs', 'dependencies'];

/** `at`: what the schema is called. Values that only look like schemas (`enum`, `default` …) are not searched. */
export function* patternsOf(schema: unknown, at: string): Generator<SchemaPattern> {
  if (Array.isArray(schema)) {
    for (const [index, item] of schema.entries()) yield* patternsOf(item, `${at}[${index}]`);
    return;
  }
  if (typeof schema !== 'object' || schema === null) return;
  const keywords = new Map<string, unknown>(Object.entries(schema));
  const pattern = keywords.get('pattern');
  if (typeof pattern === 'string') yield { at: `${at}.pattern`, pattern };
  for (const keyword of SCHEMAS) yield* patternsOf(keywords.get(keyword), `${at}.${keyword}`);
  for (const keyword of TABLES) {
    const table = keywords.get(keyword);
    if (typeof table !== 'object' || table === null) continue;
    for (const [name, member] of Object.entries(table)) {
      const place = `${at}.${keyword}.${name}`;
      if (keyword === 'patternProperties') yield { at: place, pattern: name };
      yield* patternsOf(member, place);
    }
  }
}
