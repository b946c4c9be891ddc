/** Which kind of JSON a value is. */
import type { Json, JsonObject } from '../wire/json-schema.ts';

type Maybe = Json | undefined;

export function isObject(value: Maybe): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

export function isList(value: Maybe): value is readonly Json[] {
  return Array.isArray(value);
}

export function isText(value: Maybe): value is string {
  return typeof value === 'string';
}

export function isNumber(value: Maybe): value is number {
  return typeof value === 'number';
}

/** The strings of a list; of anything else none. */
export function textsOf(value: Maybe): readonly string[] {
  return isList(value) ? value.filter(isText) : [];
}

/** Its own member of this name: `constructor` is not found in every object. */
export function member(object: JsonObject, name: string): Maybe {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Members of an object; of anything else none. */
export function membersOf(value: Maybe): readonly (readonly [string, Json])[] {
  return isObject(value) ? Object.entries(value) : [];
}

/** Without the members that are undefined. */
export function withoutGaps(members: Readonly<Record<string, Maybe>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}
