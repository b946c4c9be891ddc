/** The keywords of one level in their OpenAPI 3.0 form. What they cannot say there is told to `lose`. */
import type { Json, JsonObject } from '../wire/json-schema.ts';
import { conforms } from './conforms.ts';
import { type CozeType, fileKindOf, LIMITS } from './dialect.ts';
import type { Rule } from './finding.ts';
import type { Side } from './flatten.ts';
import { isList, isNumber, isText, withoutGaps } from './json-kinds.ts';
import type { Level } from './level.ts';
import type { PatternCompiler } from './patterns.ts';

type Lose = (rule: Rule, what: string) => void;

/** Keywords that say nothing about values, or that are read elsewhere. */
const PASSED_OVER: ReadonlySet<string> = new Set(
  [
    '$id $schema $anchor $comment $defs definitions deprecated readOnly writeOnly',
    'type title description enum format default example examples',
    'properties required additionalProperties patternProperties items prefixItems additionalItems',
    ...Object.values(LIMITS).flat(),
  ].flatMap((keywords) => keywords.split(' ')),
);

export function reportUnknown(level: Level, lose: Lose): void {
  for (const keyword of Object.keys(level)) {
    if (!PASSED_OVER.has(keyword) && !keyword.startsWith('x-'))
      lose(8, `has "${keyword}", which Coze’s dialect does not have; it is left out`);
  }
}

/** Words for people, and Coze's own keywords. */
export function annotations({ title, description, ...rest }: Level): JsonObject {
  return {
    ...(isText(title) && { title }),
    ...(isText(description) && { description }),
    ...Object.fromEntries(Object.entries(rest).filter(([keyword]) => keyword.startsWith('x-'))),
  };
}

/** Everything about a text, number or boolean but its examples. */
export function scalarKeywords(
  type: CozeType,
  level: Level,
  side: Side,
  compile: PatternCompiler,
  lose: Lose,
): JsonObject {
  const { enum: values, format } = level;
  return {
    ...(isList(values) && { enum: values }),
    ...(isText(format) && formatKeywords(format, type, level, side, lose)),
    ...limits(type, level, compile, lose),
  };
}

/** Limits of the type that OpenAPI 3.0 has. */
export function limits(type: CozeType, level: Level, compile: PatternCompiler, lose: Lose): JsonObject {
  const own = Object.fromEntries(
    Object.entries(level).filter(
      ([keyword, value]) => LIMITS[type].includes(keyword) && isLimit(keyword, value),
    ),
  );
  const { pattern, exclusiveMinimum, exclusiveMaximum, ...plain } = own;
  if (isText(pattern) && compile(pattern) === undefined)
    lose(8, `has a pattern that RE2 does not know (no look-around, no back-references): ${pattern}`);
  return {
    ...plain,
    ...(isText(pattern) && compile(pattern) !== undefined && { pattern }),
    ...exclusive('minimum', 'exclusiveMinimum', own.minimum, exclusiveMinimum, (a, b) => a >= b),
    ...exclusive('maximum', 'exclusiveMaximum', own.maximum, exclusiveMaximum, (a, b) => a <= b),
  };
}

/** A keyword of the wrong kind limits nothing; a plugin that has one does not load. */
function isLimit(keyword: string, value: Json): boolean {
  if (keyword === 'pattern') return isText(value);
  if (keyword === 'uniqueItems') return typeof value === 'boolean';
  if (keyword === 'multipleOf') return isNumber(value) && value > 0;
  if (keyword.startsWith('exclusive')) return isNumber(value) || value === true;
  return (
    isNumber(value) &&
    (keyword === 'minimum' || keyword === 'maximum' || (Number.isInteger(value) && value >= 0))
  );
}

/** A number that is itself excluded becomes the limit and a flag, unless the plain limit is the stricter one. */
function exclusive(
  plain: string,
  flag: string,
  limit: Json | undefined,
  excluded: Json | undefined,
  isStricter: (excluded: number, limit: number) => boolean,
): JsonObject {
  if (excluded === true && isNumber(limit)) return { [flag]: true };
  if (!isNumber(excluded)) return {};
  return !isNumber(limit) || isStricter(excluded, limit) ? { [plain]: excluded, [flag]: true } : {};
}

function formatKeywords(format: string, type: CozeType, level: Level, side: Side, lose: Lose): JsonObject {
  const kind = fileKindOf(format);
  if (kind === undefined || type !== 'string') {
    lose(7, `has the format "${format}", which Coze does not know; it is left out`);
    return {};
  }
  // Coze offers to upload a file where it is told the kind.
  const isTold = side === 'answer' || level['x-assist-type'] !== undefined;
  return { format, ...(!isTold && { 'x-assist-type': kind }) };
}

/** `default` and `example`, where they are valid; `examples` become the first one that is. */
export function samples(level: Level, schema: JsonObject, compile: PatternCompiler, lose: Lose): JsonObject {
  const { default: preset, example, examples } = level;
  const isValid = (value: Json): boolean => conforms(value, schema, compile);
  const shown = example === undefined ? (isList(examples) ? examples : []) : [example];
  const fitting = shown.find(isValid);
  if (shown.length > 0 && fitting === undefined) lose(8, 'has no example that is valid; it is left out');
  if (preset !== undefined && !isValid(preset)) lose(8, 'has a default that is not valid; it is left out');
  return withoutGaps({
    default: preset !== undefined && isValid(preset) ? preset : undefined,
    example: fitting,
  });
}
