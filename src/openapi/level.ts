/**
 * One level of a schema: keywords of its own, at most one type, nothing that leads elsewhere. What stands under
 * `properties` and `items` is still as its author wrote it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Json, JsonObject } from '../wire/json-schema.ts';
import { isList, isNumber, isObject, isText, member, membersOf, textsOf } from './json-kinds.ts';

/** `type`, where it is known, is one of JSON Schema's seven. */
export type Level = JsonObject;

/** Keywords that say a type where `type` does not. */
const IMPLIED: readonly (readonly [type: string, keywords: readonly string[]])[] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'propertyNames']],
  ['array', ['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

/** The type its keywords are about; undefined where they are about none, or it has none. */
export function impliedType(level: Level): string | undefined {
  return IMPLIED.find(([, keywords]) => keywords.some((keyword) => Object.hasOwn(level, keyword)))?.[0];
}

/**
 * From keywords to one level for each type they allow: `type` may be a list, and follows from the values where only
 * those are listed. `const` becomes `enum`, `nullable` the type null.
 */
export function levelsOf(keywords: JsonObject): readonly Level[] {
  const { type, const: constant, enum: listed, nullable, ...rest } = keywords;
  const declared = isText(type) ? [type] : isList(type) ? textsOf(type) : undefined;
  const types = declared && (nullable === true ? [...declared, 'null'] : declared);
  const values = valuesOf(constant, listed);
  if (values === undefined)
    return types === undefined ? [rest] : types.map((one) => ({ type: one, ...rest }));
  return [...new Set(types ?? values.map(typeOf))].flatMap((one) => {
    const fitting = values.filter((value) => isOfType(value, one));
    return fitting.length === 0 ? [] : [{ type: one, ...rest, enum: fitting }];
  });
}

function valuesOf(constant: Json | undefined, listed: Json | undefined): readonly Json[] | undefined {
  const values = isList(listed) ? listed : undefined;
  if (constant === undefined) return values;
  return values === undefined || includes(values, constant) ? [constant] : [];
}

/** JSON Schema's name. */
export function typeOf(value: Json): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (isNumber(value)) return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

export function isOfType(value: Json, type: string): boolean {
  const own = typeOf(value);
  return own === type || (own === 'integer' && type === 'number');
}

export function includes(values: readonly Json[], value: Json): boolean {
  return values.some((one) => isDeepStrictEqual(one, value));
}

export function distinct(values: readonly Json[]): readonly Json[] {
  // Equal texts, numbers and the like are found by the set; only objects have to be compared.
  const seen: Json[] = [];
  for (const value of new Set(values)) {
    if (typeof value !== 'object' || value === null || !includes(seen, value)) seen.push(value);
  }
  return seen;
}

/** Alternatives that are nothing but values, such as a union of literals, as one for each type. */
export function withValuesJoined(levels: readonly Level[]): readonly Level[] {
  const values = new Map<string, Json[]>();
  const others: Level[] = [];
  for (const level of levels) {
    const { type, enum: own, title: _title, description: _description, ...rest } = level;
    if (isText(type) && isList(own) && Object.keys(rest).length === 0) {
      const known = values.get(type) ?? [];
      for (const value of own) known.push(value);
      values.set(type, known);
    } else others.push(level);
  }
  const joined = [...values].map(([type, all]): Level => ({ type, enum: distinct(all) }));
  return [...joined, ...others];
}

/** Both must hold of the same value: what `allOf` says. Each is kept; they are told apart further down. */
export function both(a: Json, b: Json): Json {
  return isDeepStrictEqual(a, b) ? a : { allOf: [a, b] };
}

/** One of them must hold: what `anyOf` says. */
export function oneOfThese(schemas: readonly Json[]): Json {
  const [first = true, ...others] = distinct(schemas);
  return others.length === 0 ? first : { anyOf: [first, ...others] };
}

/** Properties of several levels by name, each with all the schemas it has. */
export function propertiesOf(levels: readonly Level[]): ReadonlyMap<string, readonly Json[]> {
  const found = new Map<string, Json[]>();
  for (const [name, schema] of levels.flatMap((level) => membersOf(member(level, 'properties')))) {
    found.set(name, [...(found.get(name) ?? []), schema]);
  }
  return found;
}

/** Whether members beyond the declared ones are asked for, not only let through. */
export function isOpen(level: Level): boolean {
  const { additionalProperties, patternProperties } = level;
  return (
    additionalProperties === true || isObject(additionalProperties) || membersOf(patternProperties).length > 0
  );
}
