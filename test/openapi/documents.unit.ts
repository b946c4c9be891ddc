/** The documents of the example plugins and of a plugin with everything, as other tools see them. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import SwaggerParser from '@apidevtools/swagger-parser';
import { test } from 'tap';
import { PluginFolder } from '../../src/cli/openapi-source.ts';
import { cozeManifest } from '../../src/openapi/coze-manifest.ts';
import { documentAuth } from '../../src/openapi/document-auth.ts';
import { checkDocument } from '../../src/openapi/lint/check-document.ts';
import { lintText } from '../../src/openapi/lint/lint-text.ts';
import { documentPages } from '../../src/openapi/pages.ts';
import { pluginDocument } from '../../src/openapi/plugin-document.ts';
import type { DocumentAuth } from '../../src/openapi/security.ts';
import { wholeDocument } from '../../src/openapi/whole-document.ts';
import { yamlText } from '../../src/openapi/yaml-text.ts';
import { importDocument } from '../../src/twin/import-document.ts';
import type { PluginManifest } from '../../src/wire/catalogue.ts';
import type { JsonObject } from '../../src/wire/json-schema.ts';
import type { PageRequest } from '../../src/wire/page.ts';
import { ownFolder } from '../support/own-folder.ts';
import { plainNode } from '../support/plain-node.ts';
import { toolManifest } from '../support/tool-manifest.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const URL_OF_SERVER = 'https://plugins.example.org';
const TOKEN: DocumentAuth = { kind: 'service-token', in: 'header', name: 'X-Service-Token' };

const text = { type: 'string', description: 'Some text.' };

/** A tool for each way to be called, and one that cannot be offered. */
const everything: PluginManifest = {
  name: 'everything',
  version: '1.2.3',
  description: 'Has a tool of every kind.',
  hasEvents: false,
  tools: [
    toolManifest('read', {
      summary: 'Reads.',
      input: {
        type: 'object',
        properties: {
          id: { type: 'integer' },
          tags: { type: 'array', items: text },
          page: { type: 'integer', default: 1 },
        },
        required: ['id'],
      },
      output: { type: 'object', properties: { title: text } },
      native: {
        method: 'GET',
        path: '/things/{id}',
        pathArguments: ['id'],
        queryArguments: ['tags', 'page'],
      },
    }),
    toolManifest('change', {
      summary: 'Changes.',
      input: {
        type: 'object',
        properties: { id: { type: 'integer' }, dry: { type: 'boolean' }, title: text },
        required: ['id', 'title'],
      },
      output: { type: 'object', properties: {} },
      native: { method: 'POST', path: '/things/{id}', pathArguments: ['id'], queryArguments: ['dry'] },
    }),
    toolManifest('tell', {
      summary: 'Tells in pieces.',
      input: { type: 'object', properties: {} },
      output: { type: 'object', properties: { content: text }, required: ['content'] },
      isStreaming: true,
    }),
    toolManifest('free', { summary: 'Answers with anything.' }),
  ],
};

const folder = new PluginFolder({ plugins: join(ROOT, 'plugins'), probeTimeoutMs: 20_000 });
const examples: PluginManifest[] = [];
for (const name of folder.names) {
  const declared = await folder.read(name);
  if (declared.kind !== 'declared') throw new Error(declared.reason);
  examples.push(declared.manifest);
}
folder.close();

const manifests = [...examples, everything];
const documents = new Map<string, JsonObject>([
  ...manifests.map(
    (manifest) =>
      [manifest.name, pluginDocument(manifest, { url: URL_OF_SERVER, auth: TOKEN }).document] as const,
  ),
  [
    'whole',
    wholeDocument(manifests, {
      url: URL_OF_SERVER,
      version: '1.0.0',
      authOf: (plugin) => (plugin === 'weather' ? { kind: 'none' } : TOKEN),
    }),
  ],
]);

test('every tool of the example plugins can be offered, and nothing of it is lost', async (t) => {
  t.strictSame(
    examples.map(({ name }) => name),
    ['digest', 'email-check', 'id-card', 'order-status', 'weather'],
  );
  for (const manifest of examples) {
    const { findings, leftOut } = pluginDocument(manifest, { url: URL_OF_SERVER, auth: TOKEN });
    t.strictSame({ findings, leftOut }, { findings: [], leftOut: [] }, manifest.name);
  }
});

test('every document keeps to the ten rules, also as YAML', async (t) => {
  for (const [name, document] of documents) {
    const violations = checkDocument(document);
    const wrong = violations.filter(({ severity }) => name !== 'whole' || severity === 'error');
    // Coze is not shown the whole document; other readers learn of the tool that it cannot have.
    t.strictSame(
      wrong.map(({ path }) => path[1]),
      name === 'whole' ? ['/execute/everything/free'] : [],
      name,
    );
    t.equal(lintText(yamlText(document)).length, violations.length, `${name} as YAML`);
  }
});

test('the stand-in for Coze imports the document of each plugin', async (t) => {
  for (const manifest of manifests) {
    const imported = importDocument(documents.get(manifest.name));
    if (imported.outcome === 'refused') t.fail(manifest.name, { problems: imported.problems });
    else {
      const offered = manifest.tools.filter(({ name }) => name !== 'free').map(({ name }) => name);
      t.strictSame([...imported.tools.keys()], offered, manifest.name);
    }
  }
});

test('swagger-parser takes every document', async (t) => {
  for (const [name, document] of documents) {
    // It writes into what it is given.
    await t.resolves(SwaggerParser.validate(structuredClone(Object(document))), name);
  }
});

test('Redocly takes every document; the warnings that are left are known', async (t) => {
  const cwd = ownFolder(t);
  const files = [...documents].map(([name, document]) => {
    writeFileSync(join(cwd, `${name}.yaml`), yamlText(document));
    return `${name}.yaml`;
  });
  const cli = join(ROOT, 'node_modules/@redocly/cli/bin/cli.js');
  const { stdout } = await promisify(execFile)(
    ...plainNode(cli, 'lint', ...files, '--extends=recommended', '--format=summary'),
    {
      cwd,
      timeout: 60_000,
      env: { PATH: process.env.PATH, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' },
    },
  );
  // Coze takes no 4xx responses, and nobody asks plugins for their licence. With an error it would have failed.
  const kinds = [...stdout.matchAll(/^(\w+ [\w-]+): \d+$/gm)].map(([, kind]) => kind);
  t.strictSame([...new Set(kinds)].toSorted(), ['warning info-license', 'warning operation-4xx-response']);
});

test('arguments stand where the tool wants them', async (t) => {
  const { paths, servers } = Object(documents.get('everything'));
  t.strictSame(servers, [{ url: `${URL_OF_SERVER}/p/everything` }]);
  t.strictSame(Object.keys(paths), ['/things/{id}', '/tell']);
  const { get, post } = paths['/things/{id}'];
  t.strictSame(get.parameters, [
    { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
    { name: 'tags', in: 'query', required: false, schema: { type: 'array', items: text } },
    { name: 'page', in: 'query', required: false, schema: { type: 'integer', default: 1 } },
  ]);
  t.equal(get.requestBody, undefined);
  t.strictSame(
    post.parameters.map(({ name }: { name: string }) => name),
    ['id', 'dry'],
  );
  t.strictSame(post.requestBody.content['application/json'].schema, {
    type: 'object',
    properties: { title: text },
    required: ['title'],
  });
  t.equal(paths['/tell'].post['x-runMode'], 'Streaming');
  t.equal(paths['/tell'].post.requestBody, undefined, 'nothing to send');
});

const schemaOf = (operation: {
  responses: { 200: { content: Record<string, { schema: unknown }> } };
}): unknown => operation.responses[200].content['application/json']?.schema;

test('the answer is the tool’s output in its wrapping, without data where there is none', async (t) => {
  const { paths } = Object(documents.get('everything'));
  t.match(schemaOf(paths['/tell'].post), {
    type: 'object',
    properties: {
      status: { type: 'string', enum: ['success', 'error'] },
      data: { type: 'object', properties: { content: text }, required: ['content'] },
      code: { type: 'string' },
      message: { type: 'string' },
      request_id: { type: 'string' },
    },
    required: ['status'],
  });
  t.notOk(Object.hasOwn(Object(schemaOf(paths['/things/{id}'].post)).properties, 'data'));
});

test('the whole document has native and envelope paths, and names that are unique and short enough', async (t) => {
  const long: PluginManifest = {
    ...everything,
    name: 'p'.repeat(63),
    tools: ['a', 'b'].map((end) =>
      toolManifest('t'.repeat(63) + end, { output: { type: 'object', properties: {} } }),
    ),
  };
  const options = { url: URL_OF_SERVER, version: '1.0.0', authOf: () => TOKEN };
  const { paths } = Object(wholeDocument([...manifests, long], options));
  const operations = Object.values(paths)
    .flatMap((item) => Object.values(Object(item)))
    .map(Object);
  const ids: string[] = operations.map(({ operationId }) => operationId);
  t.equal(new Set(ids).size, ids.length);
  for (const id of ids) t.match(id, /^[A-Za-z0-9_-]{1,64}$/);
  t.ok(ids.includes('order-status_get') && ids.includes('Execute_order-status_get'));
  t.ok(paths['/execute/everything/free'], 'a tool that Coze cannot be offered can still be called');
  t.notOk(paths['/p/everything/free']);
});

test('the manifest for the import has no secret in it', async (t) => {
  const manifest = cozeManifest(
    everything,
    documentAuth([{ type: 'service-token', name: 'X-Key', place: 'query', tokens: ['sesame'] }]),
  );
  t.strictSame(manifest.auth, {
    type: 'service_http',
    sub_type: 'token/api_key',
    payload: '{"key":"X-Key","service_token":"","location":"Query"}',
  });
  t.strictSame(cozeManifest(everything, documentAuth([{ type: 'none' }])).auth, { type: 'none' });
  t.notMatch(JSON.stringify(manifest), /sesame/);
});

test('pages give the documents, make each text once, and forget with the plugins', async (t) => {
  let served: readonly PluginManifest[] = examples;
  let asked = 0;
  const pages = documentPages(() => served, {
    url: URL_OF_SERVER,
    version: '1.0.0',
    authOf: () => {
      asked += 1;
      return TOKEN;
    },
  });
  const read = async (path: string): Promise<{ status: number; document: unknown }> => {
    const page = pages.find((one) => one.path === path);
    if (page === undefined) throw new Error(`no page ${path}`);
    t.strictSame(page.methods, ['GET']);
    const request: PageRequest = {
      method: 'GET',
      path,
      query: '',
      headers: new Map(),
      body: new Uint8Array(),
      requestId: 'r',
    };
    const { status, headers, body } = await page.handle(request);
    t.equal(headers['Content-Type'], 'application/json');
    return { status, document: JSON.parse(String(body)) };
  };
  t.strictSame(await read('/p/weather/openapi.json'), { status: 200, document: documents.get('weather') });
  t.equal(asked, 1);
  t.strictSame(await read('/p/weather/schema.json'), { status: 200, document: documents.get('weather') });
  t.equal(asked, 1, 'made once');
  t.match(Object.keys(Object((await read('/openapi.json')).document).paths), ['/p/digest/compute']);
  served = examples.filter(({ name }) => name !== 'weather');
  t.equal((await read('/p/weather/openapi.json')).status, 404);
  t.notMatch(JSON.stringify((await read('/openapi.json')).document), /weather/);
});
