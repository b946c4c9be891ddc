/**
 * Whether a value is valid under a schema in Coze's dialect: a `default` or `example` that is not keeps a document from being
 * imported. The dialect is small enough to check it here; the full validator belongs to the worker threads alone, and does
 * not know the 3.0 forms, such as a boolean `exclusiveMinimum`.
 */
import type { Json, JsonObject } from '../wire/json-schema.ts';
import { isList, isNumber, isObject, isText, member, membersOf, textsOf } from './json-kinds.ts';
import { includes, isOfType } from './level.ts';
import type { PatternCompiler } from './patterns.ts';

/** `compile`: undefined for a pattern that cannot be tried; no text matches it then. */
export function conforms(value: Json, schema: JsonObject, compile: PatternCompiler): boolean {
  const { type, enum: values } = schema;
  if (!isText(type) || !isOfType(value, type)) return false;
  if (isList(values) && !includes(values, value)) return false;
  if (isText(value)) return textConforms(value, schema, compile);
  if (isNumber(value)) return numberConforms(value, schema);
  if (isList(value)) return listConforms(value, schema, compile);
  if (isObject(value)) return objectConforms(value, schema, compile);
  return true;
}

function textConforms(
  value: string,
  { minLength, maxLength, pattern }: JsonObject,
  compile: PatternCompiler,
): boolean {
  const length = [...value].length;
  return (
    isAtLeast(length, minLength) &&
    isAtMost(length, maxLength) &&
    (!isText(pattern) || compile(pattern)?.(value) === true)
  );
}

function numberConforms(value: number, schema: JsonObject): boolean {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (!isAtLeast(value, minimum) || (exclusiveMinimum === true && value === minimum)) return false;
  if (!isAtMost(value, maximum) || (exclusiveMaximum === true && value === maximum)) return false;
  // As ajv and Coze's Go library have it, although 0.3 / 0.1 is not 3 in floating point.
  return !isNumber(multipleOf) || Number.isInteger(value / multipleOf);
}

function listConforms(value: readonly Json[], schema: JsonObject, compile: PatternCompiler): boolean {
  const { minItems, maxItems, uniqueItems, items } = schema;
  if (!isAtLeast(value.length, minItems) || !isAtMost(value.length, maxItems)) return false;
  if (uniqueItems === true && value.some((one, n) => includes(value.slice(0, n), one))) return false;
  return !isObject(items) || value.every((one) => conforms(one, items, compile));
}

function objectConforms(value: JsonObject, schema: JsonObject, compile: PatternCompiler): boolean {
  const { required = [], properties = {} } = schema;
  if (!textsOf(required).every((name) => Object.hasOwn(value, name))) return false;
  return membersOf(properties).every(([name, property]) => {
    const own = member(value, name);
    return own === undefined || (isObject(property) && conforms(own, property, compile));
  });
}

function isAtLeast(value: number, limit: Json | undefined): boolean {
  return !isNumber(limit) || value >= limit;
}

function isAtMost(value: number, limit: Json | undefined): boolean {
  return !isNumber(limit) || value <= limit;
}
