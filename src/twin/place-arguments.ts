/**
 * Puts the arguments where the tool declares them. The model gives them in one flat object; what it leaves out gets its
 * default, or "" in query, header and path: Coze has no way to leave a declared parameter away.
 */
import { CallFailure } from './call-failure.ts';
import { correctType } from './correct-type.ts';
import { isArray, isObject, type Json, type JsonObject, member, objectAt } from './json.ts';
import type { ImportedTool, Parameter } from './tool.ts';

export interface Placed {
  readonly path: ReadonlyMap<string, Json>;
  readonly query: ReadonlyMap<string, Json>;
  readonly header: ReadonlyMap<string, Json>;
  /** Undefined: the request has no body, and no Content-Type. So it is for a body without properties. */
  readonly body: JsonObject | undefined;
}

/** `notes` gets a sentence for everything that is lost on the way. Throws a CallFailure where Coze does not call. */
export function placeArguments(tool: ImportedTool, args: JsonObject, notes: Set<string>): Placed {
  const properties = tool.body === undefined ? {} : objectAt(tool.body, 'properties');
  const placed = { path: new Map(), query: new Map(), header: new Map() } satisfies Record<
    Parameter['where'],
    Map<string, Json>
  >;
  for (const parameter of tool.parameters) {
    placed[parameter.where].set(parameter.name, valueOf(parameter, args, notes));
  }
  const named = new Set(tool.parameters.map(({ name }) => name));
  // A name that is both goes to the parameter alone.
  const rest = Object.fromEntries(Object.entries(args).filter(([name]) => !named.has(name)));
  const hasBody = tool.body !== undefined && Object.keys(properties).length > 0;
  if (!hasBody) for (const name of Object.keys(rest)) notes.add(undeclared(name));
  const body =
    hasBody && tool.body !== undefined ? corrected(fill(tool.body, rest, '', notes), properties) : undefined;
  return { ...placed, body };
}

function valueOf({ name, where, isRequired, schema }: Parameter, args: JsonObject, notes: Set<string>): Json {
  const given = Object.hasOwn(args, name);
  const value = given ? args[name] : schema['default'];
  if (!given && value === undefined && isRequired) {
    throw new CallFailure('REFUSED_ARGUMENTS', `the '${where}' parameter '${name}' is required`);
  }
  if (name.includes('-') && given) {
    notes.add(
      `argument ${name}: some versions of Coze Studio take what stands before its hyphen for a place`,
    );
  }
  return value ?? '';
}

/**
 * A body, or an object in it: only what is declared, defaults filled in. An object that stays empty is left out, with
 * everything that was in it; and one that is left out still has to have what it requires.
 */
function fill(schema: JsonObject, given: JsonObject, at: string, notes: Set<string>): JsonObject {
  const properties = objectAt(schema, 'properties');
  const required = isArray(schema['required']) ? schema['required'] : [];
  for (const name of Object.keys(given)) {
    if (!Object.hasOwn(properties, name)) notes.add(undeclared(at + name));
  }
  const filled: [string, Json][] = [];
  for (const [name, own] of Object.entries(properties)) {
    if (!isObject(own)) continue;
    const value = member(given, name) ?? null;
    if (own['type'] === 'object') {
      if (value !== null && !isObject(value)) {
        throw new CallFailure('REFUSED_ARGUMENTS', `parameter '${at}${name}' is not object`);
      }
      const inner = fill(own, value ?? {}, `${at}${name}.`, notes);
      if (Object.keys(inner).length > 0) filled.push([name, inner]);
      else if (value !== null) notes.add(`argument ${at}${name} has nothing left in it: Coze leaves it out`);
      continue;
    }
    const final = value ?? own['default'] ?? null;
    if (final !== null) filled.push([name, final]);
    else if (required.includes(name)) {
      throw new CallFailure('REFUSED_ARGUMENTS', `parameter '${at}${name}' is required`);
    }
  }
  return Object.fromEntries(filled);
}

function corrected(body: JsonObject, properties: JsonObject): JsonObject {
  const entries = Object.entries(body).map(([name, value]) => {
    return [name, correctType(value, objectAt(properties, name), name)] as const;
  });
  return Object.fromEntries(entries);
}

function undeclared(name: string): string {
  return `argument ${name} is not declared: Coze drops it`;
}
