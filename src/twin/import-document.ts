/** Reads an OpenAPI document as Coze does when somebody imports it. */
import { checkDocument, operationsOf } from './document-rules.ts';
import { Findings, type Problem } from './findings.ts';
import { isArray, isObject, type JsonObject, objectAt } from './json.ts';
import type { ImportedTool, Parameter } from './tool.ts';

export type Imported =
  | {
      readonly outcome: 'imported';
      readonly title: string;
      readonly description: string;
      /** The server's URL as the document has it. */
      readonly server: string;
      /** By operationId. */
      readonly tools: ReadonlyMap<string, ImportedTool>;
    }
  | { readonly outcome: 'refused'; readonly problems: readonly [Problem, ...Problem[]] };

/** `document`: as JSON.parse gives it; of a YAML file, what its parser gives. Everything wrong is told at once. */
export function importDocument(document: unknown): Imported {
  const findings = new Findings();
  const known = isObject(document) ? document : {};
  checkDocument(isObject(document) ? document : undefined, findings);
  const [first, ...others] = findings.problems;
  if (first !== undefined) return { outcome: 'refused', problems: [first, ...others] };
  const info = objectAt(known, 'info');
  const server = serverOf(known);
  const tools = Object.entries(objectAt(known, 'paths')).flatMap(([path, item]) =>
    isObject(item)
      ? operationsOf(item).map(([method, operation]) => toolOf(method, server + path, operation))
      : [],
  );
  return {
    outcome: 'imported',
    title: String(info['title']),
    description: String(info['description']),
    server,
    tools: new Map(tools.map((tool) => [tool.name, tool])),
  };
}

function serverOf({ servers }: JsonObject): string {
  const server = isArray(servers) ? servers[0] : undefined;
  return isObject(server) ? String(server['url']) : '';
}

function toolOf(method: string, url: string, operation: JsonObject): ImportedTool {
  const { operationId, summary, requestBody, parameters } = operation;
  return {
    name: String(operationId),
    summary: String(summary),
    method: method.toUpperCase(),
    url,
    parameters: isArray(parameters) ? parameters.filter(isObject).flatMap(parameterOf) : [],
    body: isObject(requestBody) ? schemaOf(requestBody) : undefined,
    answer: schemaOf(objectAt(objectAt(operation, 'responses'), '200')),
    isStreaming: operation['x-runMode'] === 'Streaming',
  };
}

/** Of a request body or a response. */
function schemaOf(holder: JsonObject): JsonObject {
  return objectAt(objectAt(objectAt(holder, 'content'), 'application/json'), 'schema');
}

function parameterOf({ name, in: where, required, schema }: JsonObject): Parameter[] {
  if (typeof name !== 'string' || !isObject(schema)) return [];
  if (where !== 'path' && where !== 'query' && where !== 'header') return [];
  return [{ name, where, isRequired: required === true, schema }];
}
