/** A tool's JSON Schema in Coze's part of OpenAPI 3.0, and what is lost on the way. A pure function. */
import type { Json, JsonObject } from '../wire/json-schema.ts';
import type { CozeType } from './dialect.ts';
import type { Finding, Rule } from './finding.ts';
import { flatten, type Side } from './flatten.ts';
import { Impossible } from './impossible.ts';
import { isList, isObject, membersOf, textsOf } from './json-kinds.ts';
import { annotations, limits, reportUnknown, samples, scalarKeywords } from './keywords.ts';
import { isOpen, type Level, oneOfThese } from './level.ts';
import type { PatternCompiler } from './patterns.ts';
import { References } from './references.ts';

/** Levels of objects and arrays in each other. */
const DEEPEST = 32;
/** Schemas read, each time one is: what references multiply is bounded. */
const MOST_SCHEMAS = 5000;

export interface ConvertOptions {
  readonly side: Side;
  /** What findings call the schema, for example `tools.get.output`. */
  readonly path: string;
  readonly compile: PatternCompiler;
}

export interface Converted {
  /** An object with `properties`; undefined where a finding says `impossible`. */
  readonly schema: JsonObject | undefined;
  readonly findings: readonly Finding[];
}

export function convertSchema(schema: JsonObject, options: ConvertOptions): Converted {
  const conversion = new Conversion(schema, options);
  const converted = conversion.convert(schema, options.path, 0);
  const { findings } = conversion;
  const isImpossible = findings.some(({ severity }) => severity === 'impossible');
  return { schema: isImpossible ? undefined : converted, findings };
}

type Lose = (rule: Rule, what: string) => void;

class Conversion {
  readonly findings: Finding[] = [];
  private readonly side: Side;
  private readonly compile: PatternCompiler;
  private readonly references: References;
  private readonly reported = new Set<string>();
  private spent = 0;

  constructor(root: JsonObject, { side, compile }: ConvertOptions) {
    this.side = side;
    this.compile = compile;
    this.references = new References(root);
  }

  /** Undefined, and a finding, where it is impossible. */
  convert(schema: Json, path: string, depth: number): JsonObject | undefined {
    const { side, references } = this;
    const lose: Lose = (rule, what) => this.report(path, rule, 'loss', what);
    const spend = (): void => {
      this.spent += 1;
      if (this.spent > MOST_SCHEMAS)
        throw new Impossible(8, `has more than ${MOST_SCHEMAS} schemas, references replaced`);
    };
    try {
      if (depth > DEEPEST) throw new Impossible(10, `nests deeper than ${DEEPEST} levels`);
      const { type, level } = flatten(schema, { side, references, lose, spend });
      reportUnknown(level, lose);
      const converted = { type, ...annotations(level), ...this.own(type, level, path, depth, lose) };
      return { ...converted, ...samples(level, converted, this.compile, lose) };
    } catch (error) {
      if (!(error instanceof Impossible)) throw error;
      this.report(path, error.rule, 'impossible', error.message);
      return undefined;
    }
  }

  /** What makes the type. */
  private own(type: CozeType, level: Level, path: string, depth: number, lose: Lose): JsonObject {
    if (type !== 'object' && type !== 'array')
      return scalarKeywords(type, level, this.side, this.compile, lose);
    if (level.enum !== undefined) lose(8, `lists the ${type}s it may be; any of its form are let through`);
    if (level.format !== undefined) lose(7, 'has a format, which Coze does not know there; it is left out');
    if (type === 'object') return this.members(level, path, depth, lose);
    const items = this.convert(itemsOf(level, lose), `${path}.items`, depth + 1);
    return { ...limits(type, level, this.compile, lose), ...(items && { items }) };
  }

  private members(level: Level, path: string, depth: number, lose: Lose): JsonObject {
    const declared = membersOf(level.properties ?? {});
    const { side } = this;
    if (declared.length === 0) this.reportFreeForm(level, path, depth === 0, lose);
    else if (isOpen(level)) lose(10, 'allows members it does not declare; those vanish');
    const properties = declared.flatMap(([name, schema]) => {
      const converted = this.convert(schema, `${path}.properties.${name}`, depth + 1);
      return converted === undefined ? [] : [[name, converted] as const];
    });
    const demanded = [...new Set(textsOf(level.required ?? []))];
    const required = demanded.filter((name) => declared.some(([known]) => known === name));
    for (const name of demanded.filter((one) => !required.includes(one))) {
      this.report(
        path,
        10,
        side === 'request' ? 'impossible' : 'loss',
        `requires "${name}", which it does not declare, so that it ${side === 'request' ? 'never comes' : 'vanishes'}`,
      );
    }
    return { properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) };
  }

  /** To take no arguments at all, or to answer with nothing, is no free form. */
  private reportFreeForm(level: Level, path: string, isRoot: boolean, lose: Lose): void {
    const isEmpty =
      level.additionalProperties === false || (level.properties !== undefined && !isOpen(level));
    if (isRoot && isEmpty) return;
    if (this.side === 'request') lose(10, 'declares no properties, so it always arrives empty');
    else this.report(path, 10, 'impossible', 'declares no properties, so it arrives as {}; declare them');
  }

  private report(path: string, rule: Rule, severity: Finding['severity'], what: string): void {
    // Several alternatives may lose the same thing.
    const key = `${path} ${what}`;
    if (this.reported.has(key)) return;
    this.reported.add(key);
    this.findings.push({ path, rule, severity, what });
  }
}

/** The schema of all items; of a tuple, one that lets the item of each place through. */
function itemsOf(level: Level, lose: Lose): Json {
  const { items, prefixItems, additionalItems } = level;
  const places = isList(prefixItems) ? prefixItems : isList(items) ? items : undefined;
  if (places === undefined) {
    if (isObject(items)) return items;
    throw new Impossible(6, 'has no items; say what the array is of');
  }
  lose(8, 'has an own schema for each place; all items get the same');
  const rest = isList(items) ? additionalItems : items;
  return oneOfThese(isObject(rest) ? [...places, rest] : places);
}
