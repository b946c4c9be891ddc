/** Rules 6 to 10: schemas. */
import type { Json, JsonObject } from '../../wire/json-schema.ts';
import { conforms } from '../conforms.ts';
import { FORMATS, isCozeType, TYPES } from '../dialect.ts';
import { isList, isObject, isText, textsOf } from '../json-kinds.ts';
import { isOfType } from '../level.ts';
import { compileRe2 } from '../patterns.ts';
import { checkKeywordValues } from './check-keyword-values.ts';
import type { Inspection, Path } from './inspection.ts';

export type Side = 'request' | 'answer';

/** The schema of a whole body, which must be an object. */
export function checkObjectSchema(schema: Json, at: Path, rule: 3 | 5, inspection: Inspection): void {
  checkSchema(schema, at, rule === 3 ? 'request' : 'answer', inspection);
  const type = isObject(schema) ? schema.type : undefined;
  if (isText(type) && type !== 'object')
    inspection.error([...at, 'type'], rule, `the body must be an object, not of type ${type}`);
}

export function checkSchema(schema: Json, at: Path, side: Side, inspection: Inspection): void {
  const found = inspection.follow(schema, at);
  if (found === undefined) return;
  const { value, path } = found;
  if (!isObject(value)) {
    inspection.error(path, 6, 'a schema must be an object with a type');
    return;
  }
  if (!inspection.enter(value, side)) return;
  const before = inspection.errorCount;
  inspection.checkKeys(value, 'schema', path);
  checkType(value, path, inspection);
  checkKeywordValues(value, path, inspection);
  checkText(value, path, inspection);
  checkAlternatives(value, path, side, inspection);
  if (value.type === 'array') checkArray(value, path, side, inspection);
  if (value.type === 'object') checkObject(value, path, side, inspection);
  // What is wrong with the schema would be found in the sample again.
  if (inspection.errorCount === before) checkSamples(value, path, inspection);
}

function checkType({ type, enum: values, nullable }: JsonObject, path: Path, inspection: Inspection): void {
  if (isList(type)) inspection.error([...path, 'type'], 8, '"type" must be one type, not a list of them');
  else if (type === undefined) inspection.error(path, 6, '"type" must be there');
  else if (!isCozeType(type))
    inspection.error([...path, 'type'], 6, `"type" must be one of ${TYPES.join(', ')}`);
  else if (isList(values) && !values.every((value) => isOfType(value, type)))
    inspection.error([...path, 'enum'], 6, `"enum" has a value that is no ${type}`);
  if (nullable === true)
    inspection.loss([...path, 'nullable'], 6, 'null does not survive; leave the value out instead');
}

function checkAlternatives(schema: JsonObject, path: Path, side: Side, inspection: Inspection): void {
  for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
    const alternatives = schema[keyword];
    if (alternatives === undefined) continue;
    inspection.error([...path, keyword], 6, `"${keyword}" must be flattened into one schema`);
    for (const [n, one] of (isList(alternatives) ? alternatives : []).entries())
      checkSchema(one, [...path, keyword, n], side, inspection);
  }
  if (schema.not !== undefined) inspection.loss([...path, 'not'], 6, '"not" is not looked at');
}

function checkArray({ items }: JsonObject, path: Path, side: Side, inspection: Inspection): void {
  if (items === undefined) inspection.error(path, 6, 'an array must have "items"');
  else if (isList(items))
    inspection.error([...path, 'items'], 8, '"items" must be one schema, not a list of them');
  else checkSchema(items, [...path, 'items'], side, inspection);
}

function checkObject(schema: JsonObject, path: Path, side: Side, inspection: Inspection): void {
  const { properties, required, additionalProperties } = schema;
  const declared = isObject(properties) ? Object.entries(properties) : [];
  if (declared.length === 0) {
    if (side === 'answer')
      inspection.error(path, 10, 'an object without properties arrives as {}; declare them');
    else inspection.loss(path, 10, 'an object without properties is sent empty; declare them');
  } else if (additionalProperties === true || isObject(additionalProperties)) {
    inspection.loss([...path, 'additionalProperties'], 10, 'members that are not declared vanish');
  }
  for (const [name, property] of declared)
    checkSchema(property, [...path, 'properties', name], side, inspection);
  for (const name of textsOf(required ?? [])) {
    if (!declared.some(([known]) => known === name))
      inspection.loss([...path, 'required'], 10, `"${name}" is required, but not declared`);
  }
}

function checkSamples(schema: JsonObject, path: Path, inspection: Inspection): void {
  for (const keyword of ['default', 'example']) {
    const value = schema[keyword];
    if (value !== undefined && !conforms(value, schema, compileRe2))
      inspection.error([...path, keyword], 8, `"${keyword}" is not valid under its own schema`);
  }
}

function checkText({ format, pattern }: JsonObject, path: Path, inspection: Inspection): void {
  if (isText(format) && !FORMATS.has(format))
    inspection.error(
      [...path, 'format'],
      7,
      `the format "${format}" is none of those of files: ${[...FORMATS].join(', ')}`,
    );
  if (isText(pattern) && compileRe2(pattern) === undefined)
    inspection.error(
      [...path, 'pattern'],
      8,
      '"pattern" is not RE2, which has no look-around and no back-references',
    );
}
