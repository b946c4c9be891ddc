/**
 * Which keys OpenAPI 3.0 knows where (https://spec.openapis.org/oas/v3.0.3). Others begin with `x-`, or the document is
 * refused; keywords that only later drafts of JSON Schema have are told apart, because they are the usual mistake.
 */
import { below, type Findings } from './findings.ts';
import type { JsonObject } from './json.ts';

const KEYS = {
  document: ['openapi', 'info', 'servers', 'paths', 'components', 'security', 'tags', 'externalDocs'],
  info: ['title', 'description', 'termsOfService', 'contact', 'license', 'version'],
  server: ['url', 'description', 'variables'],
  // Its own rules tell about servers, parameters and the methods that are no tools.
  path: [
    'summary',
    'description',
    'servers',
    'parameters',
    'get',
    'put',
    'post',
    'delete',
    'options',
    'head',
    'patch',
    'trace',
  ],
  operation: [
    'tags',
    'summary',
    'description',
    'externalDocs',
    'operationId',
    'parameters',
    'requestBody',
    'responses',
    'callbacks',
    'deprecated',
    'security',
    'servers',
  ],
  requestBody: ['description', 'content', 'required'],
  mediaType: ['schema', 'example', 'examples', 'encoding'],
  parameter: [
    'name',
    'in',
    'description',
    'required',
    'deprecated',
    'allowEmptyValue',
    'style',
    'explode',
    'allowReserved',
    'schema',
    'example',
    'examples',
    'content',
  ],
  response: ['description', 'headers', 'content', 'links'],
  schema: [
    'title',
    'description',
    'type',
    'format',
    'properties',
    'required',
    'items',
    'additionalProperties',
    'enum',
    'default',
    'example',
    'nullable',
    'multipleOf',
    'minimum',
    'maximum',
    'exclusiveMinimum',
    'exclusiveMaximum',
    'minLength',
    'maxLength',
    'pattern',
    'minItems',
    'maxItems',
    'uniqueItems',
    'minProperties',
    'maxProperties',
    'readOnly',
    'writeOnly',
    'deprecated',
    'discriminator',
    'xml',
    'externalDocs',
    // Their own rule tells about these.
    'oneOf',
    'anyOf',
    'allOf',
    'not',
  ],
} as const;

export type Kind = keyof typeof KEYS;

const OF_LATER_DRAFTS: ReadonlySet<string> = new Set([
  'const',
  'examples',
  '$schema',
  '$id',
  '$anchor',
  '$comment',
  '$defs',
  'definitions',
  'if',
  'then',
  'else',
  'prefixItems',
  'additionalItems',
  'patternProperties',
  'propertyNames',
  'unevaluatedProperties',
  'unevaluatedItems',
  'contains',
  'minContains',
  'maxContains',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'contentEncoding',
  'contentMediaType',
  'contentSchema',
]);

export function checkKeys(object: JsonObject, kind: Kind, place: string, findings: Findings): void {
  const known: readonly string[] = KEYS[kind];
  for (const key of Object.keys(object)) {
    if (known.includes(key) || key.startsWith('x-')) continue;
    if (key === '$ref')
      findings.add(8, below(place, key), 'references are not followed; put the schema here');
    else if (kind === 'schema' && OF_LATER_DRAFTS.has(key)) {
      findings.add(8, below(place, key), 'OpenAPI 3.0 has no such keyword');
    } else findings.add(9, below(place, key), 'unknown key; keys of your own begin with x-');
  }
}
