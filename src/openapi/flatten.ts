/**
 * From a schema to one level of it that says the same without `$ref`, `allOf`, `anyOf`, `oneOf`, `const` and lists of
 * types: first every combination of alternatives as a level of its own, then these united.
 */
import type { Json } from '../wire/json-schema.ts';
import { type CozeType, isCozeType } from './dialect.ts';
import type { Rule } from './finding.ts';
import { Impossible } from './impossible.ts';
import { intersect } from './intersect.ts';
import { isList, isObject, isText } from './json-kinds.ts';
import { impliedType, type Level, levelsOf, withValuesJoined } from './level.ts';
import type { References } from './references.ts';
import { unite } from './unite.ts';

/** Combinations of alternatives that are looked at for one place. */
const MOST_COMBINATIONS = 256;

/** Who sends the values: Coze, or the tool. */
export type Side = 'request' | 'answer';

export interface FlattenOptions {
  readonly side: Side;
  readonly references: References;
  /** Told of what is lost at this place. */
  readonly lose: (rule: Rule, what: string) => void;
  /** Called for each schema that is read; may throw when it has been too often. */
  readonly spend: () => void;
}

export interface Flat {
  readonly type: CozeType;
  readonly level: Level;
}

/** Throws an Impossible. */
export function flatten(schema: Json, options: FlattenOptions): Flat {
  const { side, lose } = options;
  const levels = expand(schema, options);
  if (levels.length === 0) throw new Impossible(6, 'cannot be met by any value');
  const typed = levels.map((level): { type: string; level: Level } => ({
    type: typeOfLevel(level, lose),
    level,
  }));
  const present = typed.filter(({ type }) => type !== 'null');
  if (present.length === 0)
    throw new Impossible(6, 'can only be null, which Coze does not know; leave it out');
  if (present.length < typed.length) {
    lose(
      6,
      side === 'answer' ? 'null does not survive; leave the value out instead' : 'null is never sent by Coze',
    );
  }
  const types = commonTypes(present.map(({ type }) => type));
  const [type] = types;
  if (!isCozeType(type)) throw new Impossible(6, `has the type "${type}", which JSON Schema does not know`);
  if (types.length > 1) {
    const several = types.join(' or ');
    if (side === 'answer')
      throw new Impossible(6, `may be ${several}; give it one type, or one property for each`);
    lose(6, `may be ${several}; only ${type} is offered`);
  }
  const alternatives = present.filter((one) => commonTypes([type, one.type]).length === 1);
  const { level, isWider } = unite(
    alternatives.map((one) => one.level),
    type,
  );
  if (isWider) lose(6, 'has alternatives; they become one schema that lets all of them through');
  return { type, level };
}

/** Numbers of both types are numbers. */
function commonTypes(types: readonly string[]): readonly string[] {
  const distinct = [...new Set(types)];
  return distinct.includes('number') ? distinct.filter((type) => type !== 'integer') : distinct;
}

function typeOfLevel(level: Level, lose: FlattenOptions['lose']): string {
  if (isText(level.type)) return level.type;
  const implied = impliedType(level);
  if (implied === undefined) throw new Impossible(6, 'has no type; say which one it is');
  lose(6, `has no type; it is taken for ${implied}`);
  return implied;
}

/** Every combination of alternatives. */
function expand(schema: Json, options: FlattenOptions): readonly Level[] {
  options.spend();
  if (schema === true) return [{}];
  if (!isObject(schema)) return [];
  const { $ref, allOf, anyOf, oneOf, ...own } = schema;
  let levels = levelsOf(own);
  const demand = (alternatives: readonly Level[]): void => {
    if (levels.length * alternatives.length > MOST_COMBINATIONS)
      throw new Impossible(6, `has more than ${MOST_COMBINATIONS} combinations of alternatives`);
    levels = levels.flatMap((a) => meetings(a, alternatives, options));
  };
  if (isText($ref)) demand(expand(targetOf($ref, options), options));
  for (const part of isList(allOf) ? allOf : []) demand(expand(part, options));
  for (const choice of [anyOf, oneOf]) {
    if (isList(choice)) demand(withValuesJoined(choice.flatMap((one) => expand(one, options))));
  }
  return levels;
}

function meetings(a: Level, alternatives: readonly Level[], { lose }: FlattenOptions): readonly Level[] {
  const met = alternatives.map((b) => intersect(a, b, lose));
  return met.filter((level) => level !== undefined);
}

function targetOf($ref: string, { references }: FlattenOptions): Json {
  const target = references.resolve($ref);
  switch (target.kind) {
    case 'schema':
      return target.schema;
    case 'recursive':
      throw new Impossible(8, `contains itself by the $ref "${$ref}"; write the levels out that are needed`);
    case 'unknown':
      throw new Impossible(8, `has the $ref "${$ref}", which leads nowhere`);
  }
}
