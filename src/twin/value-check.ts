/** Whether a default or an example is a value of its schema. */
import { isArray, isObject, type Json, type JsonObject, member } from './json.ts';
import { whyNotRe2 } from './re2-syntax.ts';

/** What is wrong, with the place inside the value; undefined: nothing. */
export function whyInvalid(value: Json, schema: JsonObject, at = 'the value'): string | undefined {
  if (value === null) return schema['nullable'] === true ? undefined : `${at} is null`;
  const { enum: choices } = schema;
  if (isArray(choices) && !choices.some((choice) => isSame(choice, value))) return `${at} is not in enum`;
  switch (schema['type']) {
    case 'string':
      return typeof value === 'string' ? whyNoText(value, schema, at) : `${at} is no string`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${at} is no boolean`;
    case 'integer':
      if (!Number.isInteger(value)) return `${at} is no integer`;
      return whyNoNumber(Number(value), schema, at);
    case 'number':
      return typeof value === 'number' ? whyNoNumber(value, schema, at) : `${at} is no number`;
    case 'array':
      return isArray(value) ? whyNoArray(value, schema, at) : `${at} is no array`;
    case 'object':
      return isObject(value) ? whyNoObject(value, schema, at) : `${at} is no object`;
    default:
      return undefined;
  }
}

function whyNoText(
  text: string,
  { minLength, maxLength, pattern }: JsonObject,
  at: string,
): string | undefined {
  // As Go counts: code points.
  const { length } = [...text];
  if (typeof minLength === 'number' && length < minLength) return `${at} is shorter than minLength`;
  if (typeof maxLength === 'number' && length > maxLength) return `${at} is longer than maxLength`;
  if (typeof pattern === 'string' && whyNotRe2(pattern) === undefined && !new RegExp(pattern).test(text)) {
    return `${at} does not match the pattern`;
  }
  return undefined;
}

function whyNoNumber(value: number, schema: JsonObject, at: string): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (typeof minimum === 'number' && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    return `${at} is below minimum`;
  }
  if (typeof maximum === 'number' && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    return `${at} is above maximum`;
  }
  if (typeof multipleOf === 'number') {
    const times = value / multipleOf;
    if (Math.abs(times - Math.round(times)) > 1e-9) return `${at} is no multiple of ${multipleOf}`;
  }
  return undefined;
}

function whyNoArray(items: readonly Json[], schema: JsonObject, at: string): string | undefined {
  const { minItems, maxItems, uniqueItems } = schema;
  if (typeof minItems === 'number' && items.length < minItems) return `${at} has fewer than minItems`;
  if (typeof maxItems === 'number' && items.length > maxItems) return `${at} has more than maxItems`;
  if (uniqueItems === true && items.some((one, n) => items.slice(0, n).some((other) => isSame(one, other)))) {
    return `${at} has the same item twice`;
  }
  const own = schema['items'];
  if (!isObject(own)) return undefined;
  return first(items.map((item, n) => whyInvalid(item, own, `${at}[${n}]`)));
}

function whyNoObject(value: JsonObject, schema: JsonObject, at: string): string | undefined {
  const { properties, required, additionalProperties, minProperties, maxProperties } = schema;
  const count = Object.keys(value).length;
  if (typeof minProperties === 'number' && count < minProperties) return `${at} has fewer than minProperties`;
  if (typeof maxProperties === 'number' && count > maxProperties) return `${at} has more than maxProperties`;
  const missing = isArray(required)
    ? required.find((name) => typeof name === 'string' && !Object.hasOwn(value, name))
    : undefined;
  if (missing !== undefined) return `${at} lacks ${JSON.stringify(missing)}`;
  return first(
    Object.entries(value).map(([name, inner]) => {
      const own = isObject(properties) ? member(properties, name) : undefined;
      if (isObject(own)) return whyInvalid(inner, own, `${at}.${name}`);
      if (additionalProperties === false) return `${at}.${name} is not declared`;
      return isObject(additionalProperties)
        ? whyInvalid(inner, additionalProperties, `${at}.${name}`)
        : undefined;
    }),
  );
}

function first(reasons: readonly (string | undefined)[]): string | undefined {
  return reasons.find((reason) => reason !== undefined);
}

function isSame(one: Json, other: Json): boolean {
  if (isArray(one) && isArray(other)) {
    return one.length === other.length && one.every((item, n) => isSame(item, other[n] ?? null));
  }
  if (isObject(one) && isObject(other)) {
    const names = Object.keys(one);
    if (names.length !== Object.keys(other).length) return false;
    return names.every(
      (name) => Object.hasOwn(other, name) && isSame(one[name] ?? null, other[name] ?? null),
    );
  }
  return one === other;
}
