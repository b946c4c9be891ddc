/**
 * The arguments of a native call: flat, in body, query and path as the tool declares them.
 *
 * Coze sends "" for an optional argument the model has left out, so "" is absent there. Texts of query and path
 * become what the input schema calls them; what does not fit stays a text, for the validator to refuse by name.
 */
import type { NativeTarget } from '../src/wire/context-frame.ts';
import type { NativeHttp } from '../src/wire/native-http.ts';
import type { Members } from './members.ts';
import { TextPairs } from './text-pairs.ts';
import { textReader } from './text-value.ts';

export type NativeArguments =
  | { readonly kind: 'arguments'; readonly values: Members }
  | { readonly kind: 'refused'; readonly detail: string };

type Values = Record<string, unknown>;

const refused = (detail: string): NativeArguments => ({ kind: 'refused', detail });

/** One argument that stands in the query or in the path. */
interface Placed {
  readonly name: string;
  readonly place: 'query' | 'path';
  readonly isOptional: boolean;
  readonly isList: boolean;
  readonly read: (texts: readonly string[]) => unknown;
}

/** Reads the arguments of one tool. */
export class NativeArgumentReader {
  private readonly placed: readonly Placed[];
  /** Optional arguments that stand in the body. */
  private readonly optional: readonly string[];

  constructor({ pathArguments, queryArguments }: NativeHttp, input: Members) {
    const properties = membersOf(input.properties);
    const required = new Set<unknown>(Array.isArray(input.required) ? input.required : []);
    const placeOf = (place: Placed['place']) => (name: string) => {
      const schema = membersOf(properties[name]);
      const isOptional = !required.has(name);
      return { name, place, isOptional, isList: schema.type === 'array', read: textReader(schema) };
    };
    this.placed = [...pathArguments.map(placeOf('path')), ...queryArguments.map(placeOf('query'))];
    const elsewhere = new Set(this.placed.map(({ name }) => name));
    this.optional = Object.keys(properties).filter((name) => !required.has(name) && !elsewhere.has(name));
  }

  /** `body`: parsed, undefined where there was none. It becomes the arguments, so nobody else may hold it. */
  read(body: unknown, target: NativeTarget): NativeArguments {
    const values: unknown = body === undefined ? {} : body;
    if (!isValues(values)) return refused('The body must be object');
    for (const name of this.optional) {
      if (values[name] === '' && Object.hasOwn(values, name)) Reflect.deleteProperty(values, name);
    }
    if (this.placed.length === 0) return { kind: 'arguments', values };
    const query = TextPairs.parse(target.query);
    const path = TextPairs.parse(target.path);
    if (query === undefined || path === undefined) {
      return refused('The URL is not percent-encoded UTF-8; encode each name and value');
    }
    for (const argument of this.placed) {
      const problem = put(argument, argument.place === 'query' ? query : path, values);
      if (problem !== undefined) return refused(problem);
    }
    return { kind: 'arguments', values };
  }
}

/** Puts the argument into `values`; undefined, or what is wrong with it. */
function put(argument: Placed, pairs: TextPairs, values: Values): string | undefined {
  const { name } = argument;
  if (Object.hasOwn(values, name))
    return `"${name}" stands in the body, and belongs into the ${argument.place}`;
  const given = pairs.all(name);
  const texts = argument.isOptional ? given.filter((text) => text !== '') : given;
  if (texts.length === 0) return undefined;
  if (texts.length > 1 && !argument.isList) return `"${name}" is given ${texts.length} times`;
  values[name] = argument.read(texts);
  return undefined;
}

function isValues(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: unknown): Members {
  return isValues(value) ? value : {};
}
