/**
 * Checks an OpenAPI document, whoever made it, against the ten rules of `../finding.ts`. Shares nothing with the code that makes
 * documents but the lists of types and formats, so that one finds the other's mistakes.
 */
import type { Json, JsonObject } from '../../wire/json-schema.ts';
import type { Violation } from '../finding.ts';
import { isList, isObject, isText } from '../json-kinds.ts';
import { checkPath } from './check-operation.ts';
import { Inspection } from './inspection.ts';

const LONGEST_URL = 512;

/** At most MOST_VIOLATIONS. */
export function checkDocument(document: Json): readonly Violation[] {
  const inspection = new Inspection(document);
  if (!isObject(document)) inspection.error([], 1, 'the document must be an object');
  else if (Object.hasOwn(document, 'swagger'))
    inspection.error(['swagger'], 1, 'this is Swagger 2; convert it to OpenAPI 3.0.1 first');
  else {
    inspection.checkKeys(document, 'document', []);
    checkVersion(document, inspection);
    checkInfo(document, inspection);
    checkServers(document, inspection);
    checkPaths(document, inspection);
  }
  return inspection.violations;
}

function checkVersion({ openapi }: JsonObject, inspection: Inspection): void {
  if (openapi === '3.0.1') return;
  if (!isText(openapi)) inspection.error([], 1, '"openapi" must be the string 3.0.1');
  else if (/^3\.0\.\d+$/.test(openapi))
    inspection.loss(['openapi'], 1, `"openapi" is ${openapi}; some releases of Coze take 3.0.1 only`);
  else inspection.error(['openapi'], 1, `"openapi" is ${openapi}, but must be 3.0.1`);
}

function checkInfo({ info }: JsonObject, inspection: Inspection): void {
  if (!isObject(info)) {
    inspection.error([], 1, '"info" must be there, with title, description and version');
    return;
  }
  inspection.checkKeys(info, 'info', ['info']);
  for (const key of ['title', 'description', 'version']) {
    const value = info[key];
    if (!isText(value) || value === '')
      inspection.error(['info', key], 1, `"${key}" of "info" must be a text`);
  }
}

function checkServers({ servers }: JsonObject, inspection: Inspection): void {
  if (!isList(servers) || servers.length !== 1) {
    inspection.error(['servers'], 1, '"servers" must have exactly one server');
    return;
  }
  const [server] = servers;
  const url = isObject(server) ? server.url : undefined;
  if (isObject(server)) inspection.checkKeys(server, 'server', ['servers', 0]);
  const path = ['servers', 0, 'url'];
  if (!isText(url) || !hasHost(url)) inspection.error(path, 1, 'the "url" of the server must have a host');
  else if (url.length > LONGEST_URL)
    inspection.error(path, 1, `the "url" of the server must not be longer than ${LONGEST_URL} characters`);
  else if (!url.startsWith('https://'))
    inspection.loss(path, 1, 'the "url" of the server is not https, which Coze’s cloud asks for');
}

function hasHost(url: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?#]/i.test(url) && URL.canParse(url);
}

function checkPaths({ paths }: JsonObject, inspection: Inspection): void {
  if (!isObject(paths)) {
    inspection.error([], 2, '"paths" must be there, with at least one operation');
    return;
  }
  const operationIds = new Set<string>();
  for (const [path, item] of Object.entries(paths)) {
    if (path.startsWith('x-')) continue;
    if (!path.startsWith('/')) inspection.error(['paths', path], 2, 'a path must begin with a slash');
    checkPath(path, item, operationIds, inspection);
  }
  if (operationIds.size === 0 && inspection.errorCount === 0)
    inspection.error(['paths'], 2, 'no path has an operation');
}
