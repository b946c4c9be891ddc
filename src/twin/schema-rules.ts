/** Rules 6 to 10: what every schema of a document must be, all the way down. */
import { below, type Findings } from './findings.ts';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { checkKeys } from './known-keys.ts';
import { whyNotRe2 } from './re2-syntax.ts';
import { whyInvalid } from './value-check.ts';

const TYPES: ReadonlySet<Json | undefined> = new Set([
  'string',
  'integer',
  'number',
  'boolean',
  'object',
  'array',
]);

/** What Coze takes for a file. Whether `x-assist-type` is one of them it does not check: another word has no effect. */
const FILES: ReadonlySet<Json | undefined> = new Set([
  'file_url',
  'image_url',
  'doc_url',
  'ppt_url',
  'code_url',
  'excel_url',
  'zip_url',
  'video_url',
  'audio_url',
  'txt_url',
]);

/** Which side of a call the schema describes. Only what goes in can be a file that a user picks. */
export type Side = 'input' | 'answer';

export function checkSchema(schema: Json | undefined, side: Side, place: string, findings: Findings): void {
  if (!isObject(schema)) {
    findings.add(6, place, 'a schema is needed, with a type');
    return;
  }
  checkKeys(schema, 'schema', place, findings);
  checkType(schema, place, findings);
  checkFile(schema, side, place, findings);
  checkKeywords(schema, place, findings);
  checkValues(schema, place, findings);
  if (schema['type'] === 'array') checkSchema(schema['items'], side, below(place, 'items'), findings);
  if (schema['type'] === 'object') checkProperties(schema, side, place, findings);
}

function checkType(schema: JsonObject, place: string, findings: Findings): void {
  for (const keyword of ['oneOf', 'anyOf', 'allOf', 'not']) {
    if (Object.hasOwn(schema, keyword)) {
      findings.add(6, below(place, keyword), 'every schema has one type of its own; merge them into one');
    }
  }
  const { type } = schema;
  if (isArray(type)) findings.add(8, below(place, 'type'), 'OpenAPI 3.0 has no list of types');
  else if (!TYPES.has(type)) {
    findings.add(6, below(place, 'type'), 'type is string, integer, number, boolean, object or array');
  }
}

function checkFile(schema: JsonObject, side: Side, place: string, findings: Findings): void {
  const { format, 'x-assist-type': assist } = schema;
  if (format !== undefined && !FILES.has(format)) {
    findings.add(7, below(place, 'format'), `the only formats are ${[...FILES].join(', ')}`);
  }
  if (side === 'input' && FILES.has(format) && assist === undefined) {
    findings.add(7, place, 'a file that goes in carries x-assist-type');
  }
}

function checkKeywords(schema: JsonObject, place: string, findings: Findings): void {
  for (const keyword of ['exclusiveMinimum', 'exclusiveMaximum']) {
    const value = schema[keyword];
    if (value !== undefined && typeof value !== 'boolean') {
      findings.add(8, below(place, keyword), 'true or false in OpenAPI 3.0, beside minimum or maximum');
    }
  }
  const { pattern, enum: choices, required } = schema;
  if (pattern !== undefined) {
    const reason = typeof pattern === 'string' ? whyNotRe2(pattern) : 'is no text';
    if (reason !== undefined) findings.add(8, below(place, 'pattern'), `the pattern ${reason}`);
  }
  if (choices !== undefined && (!isArray(choices) || choices.length === 0)) {
    findings.add(8, below(place, 'enum'), 'enum is a list of at least one value');
  }
  if (required !== undefined && !(isArray(required) && required.every((name) => typeof name === 'string'))) {
    findings.add(8, below(place, 'required'), 'required is a list of names');
  }
}

function checkValues(schema: JsonObject, place: string, findings: Findings): void {
  for (const keyword of ['default', 'example']) {
    const value = schema[keyword];
    const reason = value === undefined ? undefined : whyInvalid(value, schema);
    if (reason !== undefined) findings.add(8, below(place, keyword), reason);
  }
}

function checkProperties(schema: JsonObject, side: Side, place: string, findings: Findings): void {
  const { properties, additionalProperties } = schema;
  if (isObject(additionalProperties)) {
    checkSchema(additionalProperties, side, below(place, 'additionalProperties'), findings);
  }
  if (!isObject(properties)) {
    findings.add(10, place, 'an object lists its properties; Coze drops what is not listed');
    return;
  }
  for (const [name, inner] of Object.entries(properties)) {
    checkSchema(inner, side, below(place, 'properties', name), findings);
  }
}
