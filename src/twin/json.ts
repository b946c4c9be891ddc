/** Values as JSON knows them. The twin has its own words for them: it shares nothing with the server it tries out. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

/** Whether a value that came from JSON is an object, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value that came from JSON is an array. */
export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** A member whose name is somebody else's: `constructor` is no member of `{}`. */
export function member(object: JsonObject, name: string): Json | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The text as JSON; undefined when it is none. */
export function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** An object that is a member, else an empty one. */
export function objectAt(object: JsonObject, name: string): JsonObject {
  const found = member(object, name);
  return isObject(found) ? found : {};
}
