/** Two levels that must hold of the same value, as one: what `allOf` and keywords beside a `$ref` say. */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../wire/json-schema.ts';
import type { Rule } from './finding.ts';
import { isList, isNumber, isObject, isText, textsOf } from './json-kinds.ts';
import { both, includes, type Level, propertiesOf } from './level.ts';

/** How two values of one keyword become one; keywords without a rule keep the first value. */
const MERGED: ReadonlyMap<string, (a: Json, b: Json) => Json> = new Map(
  Object.entries({
    required: (a, b) => [...new Set([...textsOf(a), ...textsOf(b)])],
    items: both,
    minimum: larger,
    exclusiveMinimum: larger,
    minLength: larger,
    minItems: larger,
    minProperties: larger,
    maximum: smaller,
    exclusiveMaximum: smaller,
    maxLength: smaller,
    maxItems: smaller,
    maxProperties: smaller,
    uniqueItems: (a, b) => a === true || b === true,
    additionalProperties: (a, b) => (a === false || b === false ? false : isObject(a) ? a : b),
  }),
);

/** Of these the second value is another demand, and there is room for one. */
const SINGLE: ReadonlySet<string> = new Set(['pattern', 'format', 'multipleOf']);

/** Undefined where no value fits both. `lose` is told what does not go into one level. */
export function intersect(a: Level, b: Level, lose: (rule: Rule, what: string) => void): Level | undefined {
  const type = narrower(a.type, b.type);
  if (type === 'none') return undefined;
  const merged = new Map<string, Json>(Object.entries(a));
  for (const [keyword, value] of Object.entries(b)) {
    const first = merged.get(keyword);
    const merge = MERGED.get(keyword);
    if (first === undefined) merged.set(keyword, value);
    else if (merge !== undefined) merged.set(keyword, merge(first, value));
    else if (SINGLE.has(keyword) && !isDeepStrictEqual(first, value))
      lose(8, `demands two values of "${keyword}"; the first one is kept`);
  }
  if (type !== undefined) merged.set('type', type);
  const properties = [...propertiesOf([a, b])].map(([name, [one = true, other = one]]) => [
    name,
    both(one, other),
  ]);
  if (properties.length > 0) merged.set('properties', Object.fromEntries(properties));
  if (isList(a.enum) && isList(b.enum)) {
    const { enum: others } = b;
    const shared = a.enum.filter((value) => includes(others, value));
    if (shared.length === 0) return undefined;
    merged.set('enum', shared);
  }
  return Object.fromEntries(merged);
}

function narrower(a: Json | undefined, b: Json | undefined): string | undefined {
  if (!isText(a)) return isText(b) ? b : undefined;
  if (!isText(b) || a === b) return a;
  return [a, b].every((type) => type === 'integer' || type === 'number') ? 'integer' : 'none';
}

function larger(a: Json, b: Json): Json {
  return isNumber(a) && isNumber(b) ? Math.max(a, b) : a;
}

function smaller(a: Json, b: Json): Json {
  return isNumber(a) && isNumber(b) ? Math.min(a, b) : a;
}
