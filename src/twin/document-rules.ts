/** Rule 1, and which operations a document has. */
import { below, type Findings } from './findings.ts';
import { isArray, isObject, type Json, type JsonObject } from './json.ts';
import { checkKeys } from './known-keys.ts';
import { checkOperation } from './operation-rules.ts';

const LONGEST_URL = 512;
const METHODS = ['get', 'post', 'put', 'delete', 'patch'] as const;

/** Checks a whole document and tells everything that is wrong. */
export function checkDocument(document: Json | undefined, findings: Findings): void {
  if (!isObject(document)) {
    findings.add(1, '#', 'the document is an object');
    return;
  }
  checkKeys(document, 'document', '#', findings);
  if (document['openapi'] !== '3.0.1') findings.add(1, '#/openapi', 'must be 3.0.1');
  checkInfo(document['info'], findings);
  checkServers(document['servers'], findings);
  const { paths } = document;
  if (isObject(paths)) checkPaths(paths, findings);
  else findings.add(2, '#/paths', 'a document has paths');
}

function checkInfo(info: Json | undefined, findings: Findings): void {
  if (!isObject(info)) {
    findings.add(1, '#/info', 'a document has info');
    return;
  }
  checkKeys(info, 'info', '#/info', findings);
  for (const name of ['title', 'description', 'version']) {
    const value = info[name];
    if (typeof value !== 'string' || value === '')
      findings.add(1, below('#/info', name), 'must not be empty');
  }
}

function checkServers(servers: Json | undefined, findings: Findings): void {
  const [server, ...others] = isArray(servers) ? servers : [];
  if (!isObject(server) || others.length > 0) {
    findings.add(1, '#/servers', 'exactly one server');
    return;
  }
  checkKeys(server, 'server', '#/servers/0', findings);
  const url = typeof server['url'] === 'string' ? server['url'] : '';
  const parsed = URL.parse(url);
  if ((parsed?.protocol !== 'http:' && parsed?.protocol !== 'https:') || parsed.hostname === '') {
    findings.add(1, '#/servers/0/url', 'a whole URL, with its host');
  }
  if (Buffer.byteLength(url) > LONGEST_URL) {
    findings.add(1, '#/servers/0/url', `at most ${LONGEST_URL} characters`);
  }
}

function checkPaths(paths: JsonObject, findings: Findings): void {
  const ids = new Set<Json>();
  const shapes = new Set<string>();
  for (const [path, item] of Object.entries(paths)) {
    const place = below('#/paths', path);
    if (path.startsWith('x-')) continue;
    if (!path.startsWith('/')) findings.add(2, place, 'a path begins with a slash');
    const shape = path.replaceAll(/\{[^{}]*\}/g, '{}');
    if (shapes.has(shape)) findings.add(2, place, 'another path differs only in the names of its parameters');
    shapes.add(shape);
    if (!isObject(item)) {
      findings.add(2, place, 'a path is an object');
      continue;
    }
    checkKeys(item, 'path', place, findings);
    checkUnread(item, place, findings);
    for (const [method, operation] of operationsOf(item)) {
      checkOperation(operation, method, path, below(place, method), findings);
      const id = operation['operationId'];
      if (id !== undefined && ids.has(id)) {
        findings.add(2, below(place, method, 'operationId'), 'another operation has this name');
      }
      if (id !== undefined) ids.add(id);
    }
  }
  if (ids.size === 0) findings.add(2, '#/paths', 'there is no operation, so nothing to import');
}

/** What stands beside the operations of a path, or in their place, and Coze does not look at. */
function checkUnread(item: JsonObject, place: string, findings: Findings): void {
  if (item['parameters'] !== undefined) {
    findings.add(4, below(place, 'parameters'), 'parameters are declared in each operation');
  }
  if (item['servers'] !== undefined) {
    findings.add(1, below(place, 'servers'), 'the only server is that of the document');
  }
  for (const method of METHODS) {
    if (item[method] !== undefined && !isObject(item[method])) {
      findings.add(2, below(place, method), 'an operation is an object');
    }
  }
  for (const method of ['options', 'head', 'trace']) {
    if (item[method] !== undefined) findings.add(2, below(place, method), 'no tool is called by this method');
  }
}

/** The operations of one path, by method in lower case. */
export function operationsOf(item: JsonObject): [method: string, operation: JsonObject][] {
  return METHODS.flatMap((method) => {
    const operation = item[method];
    return isObject(operation) ? [[method, operation] satisfies [string, JsonObject]] : [];
  });
}
