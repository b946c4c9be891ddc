/** Rule 4: parameters in path, query and header. */
import type { Json, JsonObject } from '../../wire/json-schema.ts';
import { isList, isObject, isText } from '../json-kinds.ts';
import { checkSchema } from './check-schema.ts';
import type { Found, Inspection, Path } from './inspection.ts';

/** `lists`: those of the path and those of the operation, each with its place. `operation`: where to miss one. */
export function checkParameters(
  template: string,
  lists: readonly (readonly [Json | undefined, Path])[],
  operation: Path,
  inspection: Inspection,
): void {
  const declared = new Set<string>();
  for (const [list, path] of lists) {
    if (list === undefined) continue;
    if (!isList(list)) {
      inspection.error(path, 4, '"parameters" must be a list');
      continue;
    }
    const own = new Set<string>();
    for (const [n, one] of list.entries()) {
      const found = inspection.follow(one, [...path, n]);
      const key = found && checkParameter(found, inspection);
      if (key === undefined) continue;
      if (own.has(key)) inspection.error([...path, n], 4, 'another parameter has the same name and place');
      own.add(key);
      declared.add(key);
    }
  }
  const named = new Set([...template.matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => IN_PATH + name));
  for (const key of named) {
    if (!declared.has(key))
      inspection.error(operation, 4, `the path names {${nameOf(key)}}, but no parameter is called so`);
  }
  for (const key of declared) {
    if (key.startsWith(IN_PATH) && !named.has(key))
      inspection.error(operation, 4, `the parameter ${nameOf(key)} does not stand in the path`);
  }
}

const IN_PATH = 'path ';

function nameOf(key: string): string {
  return key.slice(IN_PATH.length);
}

/** Place and name; undefined where it has none. */
function checkParameter({ value, path }: Found, inspection: Inspection): string | undefined {
  if (!isObject(value) || !isText(value.name) || value.name === '') {
    inspection.error(path, 4, 'a parameter must have a name');
    return undefined;
  }
  const { name, in: place, required } = value;
  if (inspection.enter(value, 'parameter')) {
    inspection.checkKeys(value, 'parameter', path);
    if (place !== 'path' && place !== 'query' && place !== 'header')
      inspection.error([...path, 'in'], 4, `the parameter ${name} must stand in path, query or header`);
    if (place === 'path' && required !== true)
      inspection.error(
        [...path, 'required'],
        4,
        `the parameter ${name} stands in the path, so "required" must be true`,
      );
    checkParameterSchema(name, value, path, inspection);
  }
  return `${isText(place) ? place : ''} ${name}`;
}

function checkParameterSchema(
  name: string,
  { in: place, schema }: JsonObject,
  path: Path,
  inspection: Inspection,
): void {
  if (schema === undefined) {
    inspection.error(path, 4, `the parameter ${name} must have a schema`);
    return;
  }
  const at = [...path, 'schema'];
  checkSchema(schema, at, 'request', inspection);
  const type = typeAt(schema);
  if (type === 'object')
    inspection.error(at, 4, `the parameter ${name} is an object; put it into the request body`);
  if (type !== 'array') return;
  if (place === 'path')
    inspection.error(at, 4, `the parameter ${name} is an array, which cannot stand in a path`);
  const items = isObject(schema) && schema.items !== undefined ? typeAt(schema.items) : undefined;
  if (items === 'object' || items === 'array')
    inspection.error(
      [...at, 'items'],
      4,
      `the parameter ${name} is an array of ${items}s; only scalars can be listed`,
    );
}

function typeAt(schema: Json): Json | undefined {
  return isObject(schema) ? schema.type : undefined;
}
