/** A document that Coze imports, to be changed by tests. */
import { importDocument } from '../../src/twin/import-document.ts';
import type { Json, JsonObject } from '../../src/twin/json.ts';
import type { ImportedTool } from '../../src/twin/tool.ts';

/** An operation with these parts over those that it needs. */
export function operation(name: string, parts: JsonObject = {}): JsonObject {
  return {
    operationId: name,
    summary: `Does ${name}.`,
    responses: responses({ type: 'object', properties: { said: { type: 'string' } } }),
    ...parts,
  };
}

export function responses(schema: Json): JsonObject {
  return { 200: { description: 'the answer', content: { 'application/json': { schema } } } };
}

export function requestBody(schema: Json): JsonObject {
  return { required: true, content: { 'application/json': { schema } } };
}

export function documentOf(paths: JsonObject, url = 'https://plugins.example.com/p/sample'): JsonObject {
  return {
    openapi: '3.0.1',
    info: { title: 'Sample', description: 'A sample.', version: '1.0.0' },
    servers: [{ url }],
    paths,
  };
}

/** The only tool of a document that is right. */
export function toolOf(url: string, method: string, path: string, parts: JsonObject): ImportedTool {
  const imported = importDocument(documentOf({ [path]: { [method]: operation('sample', parts) } }, url));
  if (imported.outcome === 'refused') throw new Error(JSON.stringify(imported.problems));
  const tool = imported.tools.get('sample');
  if (tool === undefined) throw new Error('no tool');
  return tool;
}
