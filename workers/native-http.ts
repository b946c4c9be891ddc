/**
 * Reads where a tool is called natively: its `http` member, checked against the arguments its input declares.
 */
import type { NativeHttp } from '../src/wire/native-http.ts';
import { asRecord, type Members, shown } from './members.ts';

const NAMED = /^\{([A-Za-z0-9_-]{1,64})\}$/;
/** What RFC 3986 lets stand in a path unescaped, without what could be mistaken for syntax. */
const PLAIN = /^[A-Za-z0-9_.~-]+$/;

/** What is served there below every plugin. */
const DOCUMENTS: ReadonlySet<string> = new Set(['/openapi.json', '/schema.json']);

/** `input`: the tool's input schema. Throws a sentence that names the member and what is expected. */
export function readNativeHttp(tool: string, declared: unknown, input: Members, at: string): NativeHttp {
  const { method = 'POST', path = `/${tool}`, query = [] } = asRecord(declared ?? {}, at);
  if (method !== 'GET' && method !== 'POST') throw new TypeError(`${at}.method must be "GET" or "POST"`);
  if (typeof path !== 'string' || !path.startsWith('/')) {
    throw new TypeError(`${at}.path must be a path such as "/orders/{order_id}", not ${shown(path)}`);
  }
  if (DOCUMENTS.has(path)) throw new TypeError(`${at}.path: ${path} is the place of the plugin’s document`);
  const properties = asRecord(input.properties ?? {}, 'properties');
  const required: readonly unknown[] = Array.isArray(input.required) ? input.required : [];
  const pathArguments = path
    .slice(1)
    .split('/')
    .flatMap((segment) => {
      const name = NAMED.exec(segment)?.[1];
      if (name !== undefined) return [name];
      if (PLAIN.test(segment) && segment !== '.' && segment !== '..') return [];
      throw new TypeError(`${at}.path: the segment ${shown(segment)} must be plain text or one {argument}`);
    });
  for (const name of pathArguments) {
    const { type } = asRecord(properties[name] ?? {}, name);
    if (!required.includes(name) || !isScalar(type)) {
      throw new TypeError(`${at}.path: {${name}} must be a required argument of one scalar type`);
    }
  }
  if (new Set(pathArguments).size < pathArguments.length) {
    throw new TypeError(`${at}.path names an argument twice`);
  }
  if (!Array.isArray(query) || !query.every((name) => typeof name === 'string')) {
    throw new TypeError(`${at}.query must be an array of argument names`);
  }
  for (const name of query) {
    if (!Object.hasOwn(properties, name) || pathArguments.includes(name)) {
      throw new TypeError(`${at}.query: ${shown(name)} must be an argument that does not stand in the path`);
    }
  }
  const queryArguments =
    method === 'GET' ? Object.keys(properties).filter((name) => !pathArguments.includes(name)) : query;
  return { method, path, pathArguments, queryArguments };
}

function isScalar(type: unknown): boolean {
  return type === 'string' || type === 'integer' || type === 'number' || type === 'boolean';
}
