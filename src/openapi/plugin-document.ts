/** The OpenAPI document of one plugin, as it is imported into Coze: an operation for each tool that can be offered. */
import type { PluginManifest } from '../wire/catalogue.ts';
import type { JsonObject } from '../wire/json-schema.ts';
import { NATIVE_ROOT } from '../wire/native-http.ts';
import { type ConvertedTool, convertTool } from './convert-tool.ts';
import type { Finding } from './finding.ts';
import { nativeOperation } from './operation.ts';
import { compileRe2 } from './patterns.ts';
import { type DocumentAuth, requirement, securityComponents } from './security.ts';

export interface DocumentOptions {
  /** Where Coze reaches the server: a URL without a slash at its end. */
  readonly url: string;
  readonly auth: DocumentAuth;
}

export interface PluginDocument {
  readonly document: JsonObject;
  readonly findings: readonly Finding[];
  /** Tools with something impossible. */
  readonly leftOut: readonly string[];
}

export function pluginDocument(
  { name, version, description, tools }: PluginManifest,
  { url, auth }: DocumentOptions,
): PluginDocument {
  const converted = tools.map((tool) => convertTool(tool, compileRe2));
  const components = securityComponents([auth]);
  return {
    document: {
      openapi: '3.0.1',
      info: { title: name, description, version },
      servers: [{ url: `${url}${NATIVE_ROOT}/${name}` }],
      security: requirement(auth),
      paths: nativePaths(converted, '', (tool) => tool),
      ...(components && { components }),
    },
    findings: converted.flatMap(({ findings }) => findings),
    leftOut: converted.flatMap(({ tool, schemas }) => (schemas === undefined ? [tool.name] : [])),
  };
}

/** The paths of the tools that can be offered, each below `prefix`. */
export function nativePaths(
  tools: readonly ConvertedTool[],
  prefix: string,
  operationIdOf: (tool: string) => string,
): JsonObject {
  const paths = new Map<string, JsonObject>();
  for (const { tool, schemas } of tools) {
    if (schemas === undefined) continue;
    const path = `${prefix}${tool.native.path}`;
    const operation = nativeOperation(tool, schemas, operationIdOf(tool.name));
    paths.set(path, { ...paths.get(path), [tool.native.method.toLowerCase()]: operation });
  }
  return Object.fromEntries(paths);
}
