/**
 * Alternatives of one type as one level that lets each of them through: Coze has no `anyOf`. Of objects, the properties
 * of all are offered, and those that all require are required.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Json } from '../wire/json-schema.ts';
import type { CozeType } from './dialect.ts';
import { isList, isNumber, textsOf } from './json-kinds.ts';
import { distinct, isOpen, type Level, oneOfThese, propertiesOf } from './level.ts';

export interface United {
  readonly level: Level;
  /** It lets more through than the alternatives do. */
  readonly isWider: boolean;
}

/** The limit that lets most through, where all have one. */
const WIDEST: ReadonlyMap<string, (...limits: number[]) => number> = new Map([
  ['minimum', Math.min],
  ['minLength', Math.min],
  ['minItems', Math.min],
  ['maximum', Math.max],
  ['maxLength', Math.max],
  ['maxItems', Math.max],
]);

/** `levels`: at least one. */
export function unite(levels: readonly Level[], type: CozeType): United {
  const typed = levels.map((level): Level => ({ ...level, type }));
  const [first = {}, ...others] = typed.filter(
    (level, n) => typed.findIndex((one) => isDeepStrictEqual(one, level)) === n,
  );
  if (others.length === 0) return { level: first, isWider: false };
  const all = [first, ...others];
  const kept = Object.keys(first).flatMap((keyword): [string, Json][] => {
    const values = all.flatMap((level) => (level[keyword] === undefined ? [] : [level[keyword]]));
    const value = values.length === all.length ? shared(keyword, values) : undefined;
    return value === undefined ? [] : [[keyword, value]];
  });
  const level: Level = { ...Object.fromEntries(kept), ...(type === 'object' && membersOfAll(all)) };
  return { level, isWider: !isList(level.enum) };
}

/** `values`: those of all alternatives. */
function shared(keyword: string, values: readonly Json[]): Json | undefined {
  const [first = null] = values;
  if (values.every((value) => isDeepStrictEqual(value, first))) return first;
  if (keyword === 'enum') return distinct(values.flatMap((value) => (isList(value) ? value : [])));
  if (keyword === 'items' && !values.some(isList)) return oneOfThese(values);
  return WIDEST.get(keyword)?.(...values.filter(isNumber));
}

function membersOfAll(levels: readonly Level[]): Level {
  const properties = [...propertiesOf(levels)].map(([name, schemas]) => [name, oneOfThese(schemas)]);
  const [first = [], ...others] = levels.map(({ required }) => textsOf(required ?? []));
  return {
    properties: Object.fromEntries(properties),
    required: first.filter((name) => others.every((names) => names.includes(name))),
    additionalProperties: levels.some(isOpen),
  };
}
