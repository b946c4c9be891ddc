/** One document of everything a server offers: the native paths of all plugins, and the envelope paths of all tools. */
import { createHash } from 'node:crypto';
import type { PluginManifest } from '../wire/catalogue.ts';
import type { JsonObject } from '../wire/json-schema.ts';
import { NATIVE_ROOT } from '../wire/native-http.ts';
import { ANYTHING, answerSchema, described, responses } from './answer-schema.ts';
import { type ConvertedTool, convertTool } from './convert-tool.ts';
import { membersOf } from './json-kinds.ts';
import { jsonBody } from './operation.ts';
import { compileRe2 } from './patterns.ts';
import { nativePaths } from './plugin-document.ts';
import { type DocumentAuth, requirement, securityComponents } from './security.ts';

export interface WholeDocumentOptions {
  /** A URL without a slash at its end. */
  readonly url: string;
  /** Of the server. */
  readonly version: string;
  readonly authOf: (plugin: string) => DocumentAuth;
}

export function wholeDocument(
  manifests: readonly PluginManifest[],
  { url, version, authOf }: WholeDocumentOptions,
): JsonObject {
  const paths = manifests.flatMap(({ name, tools }) => {
    const converted = tools.map((tool) => convertTool(tool, compileRe2));
    const own = {
      ...nativePaths(converted, `${NATIVE_ROOT}/${name}`, (tool) => operationId(`${name}_${tool}`)),
      ...Object.fromEntries(converted.map((tool) => envelopePath(name, tool))),
    };
    return membersOf(own).map(([path, item]) => [path, secured(item, authOf(name), name)] as const);
  });
  const components = securityComponents(manifests.map(({ name }) => authOf(name)));
  return {
    openapi: '3.0.1',
    info: {
      title: 'hotlane',
      description: 'All plugins of this server. For Coze, import the document of one plugin.',
      version,
    },
    servers: [{ url }],
    tags: manifests.map(({ name, description }) => ({ name, description })),
    paths: Object.fromEntries(paths),
    ...(components && { components }),
  };
}

/** Each operation with the tag of its plugin and what calls of it have to bring along. */
function secured(item: unknown, auth: DocumentAuth, plugin: string): JsonObject {
  const operations = Object.entries(item ?? {}).map(([method, operation]) => [
    method,
    { tags: [plugin], security: requirement(auth), ...operation },
  ]);
  return Object.fromEntries(operations);
}

function envelopePath(plugin: string, { tool, schemas }: ConvertedTool): readonly [string, JsonObject] {
  const body = {
    type: 'object',
    properties: {
      user_id: {
        type: 'string',
        description: 'Who uses the tool; may come as the header X-Coze-User-Id instead.',
      },
      bot_id: {
        type: 'string',
        description: 'The bot that calls; may come as the header X-Coze-Bot-Id instead.',
      },
      parameters: schemas?.input ?? ANYTHING,
    },
    required: ['parameters'],
  };
  const post = {
    // Names of plugins begin with a lower-case letter, so this is nobody else's.
    operationId: operationId(`Execute_${plugin}_${tool.name}`),
    summary: tool.summary,
    requestBody: jsonBody(body),
    responses: { ...responses(schemas?.output), default: FAILURE },
  };
  return [`/execute/${plugin}/${tool.name}`, { post }];
}

const FAILURE = described(
  'The call failed; the status says how.',
  answerSchema({ type: 'object', properties: {} }),
);

const LONGEST_ID = 64;

/** Names longer than an operationId may be keep their beginning and get a hash of the whole. */
function operationId(name: string): string {
  if (name.length <= LONGEST_ID) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 12);
  return `${name.slice(0, LONGEST_ID - hash.length - 1)}-${hash}`;
}
