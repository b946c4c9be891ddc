/** Makes of a value what the schema says, as Coze does with everything in a body: models confuse 7 and "7". */
import { CallFailure } from './call-failure.ts';
import { isArray, isObject, type Json, type JsonObject, member } from './json.ts';

/** `at`: the argument's name, for the message. A value that cannot be made to fit ends the call. */
export function correctType(value: Json, schema: JsonObject, at: string): Json {
  if (value === null) throw refusal(at, 'is null');
  switch (schema['type']) {
    case 'string':
      return typeof value === 'string' ? value : JSON.stringify(value);
    case 'integer':
      return correctInteger(value, at);
    case 'number':
      return correctNumber(value, at);
    case 'boolean':
      return correctBoolean(value, at);
    case 'array':
      return correctArray(value, schema, at);
    case 'object':
      return correctObject(value, schema, at);
    default:
      return value;
  }
}

/** What does not read as an integer silently becomes 0. */
function correctInteger(value: Json, at: string): number {
  if (typeof value === 'number') return Number.isInteger(value) ? value : 0;
  if (typeof value === 'string') return /^[+-]?\d+$/.test(value) ? Number(value) : 0;
  throw refusal(at, 'is no integer');
}

function correctNumber(value: Json, at: string): number {
  const number = typeof value === 'string' && value.trim() === value && value !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw refusal(at, 'is no number');
}

const TRUE: ReadonlySet<Json> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE: ReadonlySet<Json> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function correctBoolean(value: Json, at: string): boolean {
  if (typeof value === 'boolean') return value;
  if (TRUE.has(value)) return true;
  if (FALSE.has(value)) return false;
  throw refusal(at, 'is no boolean');
}

function correctArray(value: Json, { items }: JsonObject, at: string): Json {
  if (!isArray(value)) throw refusal(at, 'is no array');
  return isObject(items) ? value.map((item, n) => correctType(item, items, `${at}[${n}]`)) : value;
}

/** Properties that are not declared stay: only those of the body itself and of objects in it were dropped before. */
function correctObject(value: Json, { properties }: JsonObject, at: string): Json {
  if (!isObject(value)) throw refusal(at, 'is no object');
  const entries = Object.entries(value).map(([name, inner]) => {
    const schema = isObject(properties) ? member(properties, name) : undefined;
    return [name, isObject(schema) ? correctType(inner, schema, `${at}.${name}`) : inner] as const;
  });
  return Object.fromEntries(entries);
}

function refusal(at: string, reason: string): CallFailure {
  return new CallFailure('REFUSED_ARGUMENTS', `the argument "${at}" ${reason}`);
}
