/** What is left of an answer when the model sees it: what the schema of 200 declares, and only values of its types. */
import { isArray, isObject, type Json, type JsonObject, member, objectAt } from './json.ts';
import { isDisabled } from './tool.ts';

/** `notes` gets a sentence for everything that is dropped; places in arrays are told once, as `[]`. */
export function filterAnswer(answer: JsonObject, schema: JsonObject, notes: Set<string>): JsonObject {
  return filterObject(answer, schema, 'answer', notes);
}

function filterObject(value: JsonObject, schema: JsonObject, at: string, notes: Set<string>): JsonObject {
  const properties = objectAt(schema, 'properties');
  const kept = Object.entries(value).flatMap(([name, inner]) => {
    const own = member(properties, name);
    const place = `${at}.${name}`;
    if (!isObject(own)) return drop(place, 'is not declared', notes);
    if (isDisabled(own)) return drop(place, 'is switched off', notes);
    return filter(inner, own, place, notes).map((one) => [name, one] as const);
  });
  return Object.fromEntries(kept);
}

/** The value in a list of one, or an empty list when it is dropped. */
function filter(value: Json, schema: JsonObject, at: string, notes: Set<string>): readonly Json[] {
  if (value === null) return drop(at, 'is null', notes);
  switch (schema['type']) {
    case 'object':
      return isObject(value) ? [filterObject(value, schema, at, notes)] : drop(at, 'is no object', notes);
    case 'array': {
      if (!isArray(value)) return drop(at, 'is no array', notes);
      const items = objectAt(schema, 'items');
      return [value.flatMap((item) => filter(item, items, `${at}[]`, notes))];
    }
    case 'integer':
      return isInt64(value) ? [value] : drop(at, 'is no integer', notes);
    case 'number':
      return typeof value === 'number' ? [value] : drop(at, 'is no number', notes);
    case 'boolean':
      return typeof value === 'boolean' ? [value] : drop(at, 'is no boolean', notes);
    default:
      return typeof value === 'string' ? [value] : drop(at, 'is no string', notes);
  }
}

/** Beyond 64 bits Coze cannot read it. */
function isInt64(value: Json): boolean {
  return Number.isInteger(value) && Math.abs(Number(value)) < 2 ** 63;
}

function drop(at: string, reason: string, notes: Set<string>): readonly never[] {
  notes.add(`${at} ${reason}: Coze drops it`);
  return [];
}
