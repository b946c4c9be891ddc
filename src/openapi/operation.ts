/** A tool as an operation: its arguments where `native` puts them, its answer. */
import type { ToolManifest } from '../wire/catalogue.ts';
import type { Json, JsonObject } from '../wire/json-schema.ts';
import { responses } from './answer-schema.ts';
import { isObject, isText, member, membersOf, textsOf } from './json-kinds.ts';

/** `schemas`: converted. */
export function nativeOperation(
  { summary, native, isStreaming }: ToolManifest,
  { input, output }: { readonly input: JsonObject; readonly output: JsonObject },
  operationId: string,
): JsonObject {
  const { pathArguments, queryArguments } = native;
  const parameters = [
    ...pathArguments.map((name) => parameter(name, 'path', input)),
    ...queryArguments.map((name) => parameter(name, 'query', input)),
  ];
  const body = bodySchema(input, new Set([...pathArguments, ...queryArguments]));
  return {
    operationId,
    ...(isStreaming && { 'x-runMode': 'Streaming' }),
    summary,
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: jsonBody(body) }),
    responses: responses(output),
  };
}

/** A request body that has to be sent. */
export function jsonBody(schema: JsonObject): JsonObject {
  return { required: true, content: { 'application/json': { schema } } };
}

function parameter(name: string, place: 'path' | 'query', input: JsonObject): JsonObject {
  const found = isObject(input.properties) ? member(input.properties, name) : undefined;
  const { description, ...schema } = isObject(found) ? found : {};
  return {
    name,
    in: place,
    required: place === 'path' || textsOf(input.required ?? []).includes(name),
    ...(isText(description) && { description }),
    schema,
  };
}

/** The arguments that are left; undefined when there are none. */
function bodySchema(input: JsonObject, elsewhere: ReadonlySet<string>): JsonObject | undefined {
  const { default: _default, example: _example, ...rest } = input;
  const whole = elsewhere.size === 0 ? input : rest;
  const isHere = ([name]: readonly [string, Json]): boolean => !elsewhere.has(name);
  const properties = membersOf(input.properties ?? {}).filter(isHere);
  const required = textsOf(input.required ?? []).filter((name) => !elsewhere.has(name));
  if (properties.length === 0) return undefined;
  const { required: _required, ...kept } = whole;
  return { ...kept, properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) };
}
