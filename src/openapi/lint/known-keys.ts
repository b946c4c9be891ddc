/** The keys of OpenAPI 3.0.3, by the object they stand in. Others have to begin with `x-`. */

const KEYS = {
  document: 'openapi info servers paths components security tags externalDocs',
  info: 'title description termsOfService contact license version',
  server: 'url description variables',
  path: '$ref summary description servers parameters get put post delete options head patch trace',
  operation:
    'tags summary description externalDocs operationId parameters requestBody responses callbacks deprecated security servers',
  parameter:
    'name in description required deprecated allowEmptyValue style explode allowReserved schema example examples content',
  requestBody: 'description content required',
  response: 'description headers content links',
  mediaType: 'schema example examples encoding',
  schema:
    'title multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxProperties minProperties required enum type allOf oneOf anyOf not items properties additionalProperties description format default nullable discriminator readOnly writeOnly xml externalDocs example deprecated',
} as const;

export type Place = keyof typeof KEYS;

const KNOWN: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(KEYS).map(([place, keys]) => [place, new Set(keys.split(' '))]),
);

/** Keywords of JSON Schema that OpenAPI 3.0 has left out. */
const JSON_SCHEMA: ReadonlySet<string> = new Set(
  [
    '$schema $id id $anchor $comment $defs definitions $dynamicRef $dynamicAnchor $recursiveRef $vocabulary const examples',
    'if then else prefixItems additionalItems contains minContains maxContains patternProperties propertyNames',
    'dependencies dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties',
    'contentEncoding contentMediaType contentSchema',
  ].flatMap((keywords) => keywords.split(' ')),
);

export const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;

export function isKnown(place: Place, key: string): boolean {
  return key.startsWith('x-') || KNOWN.get(place)?.has(key) === true;
}

export function isOfJsonSchema(key: string): boolean {
  return JSON_SCHEMA.has(key);
}
