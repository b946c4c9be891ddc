/** The HTTP request of a call, byte for byte what Coze decides about it. */
import { CallFailure } from './call-failure.ts';
import { isArray, type Json } from './json.ts';
import type { Placed } from './place-arguments.ts';
import type { Identity, ImportedTool } from './tool.ts';

/** The token that the owner of the plugin has entered in Coze. */
export interface ServiceToken {
  readonly in: 'header' | 'query';
  readonly name: string;
  readonly token: string;
}

export interface Credentials {
  readonly serviceToken?: ServiceToken | undefined;
  /** Of the user, got by OAuth from the plugin's own provider. */
  readonly accessToken?: string | undefined;
}

export interface BuiltRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: string | undefined;
}

/** `origin`: calls this address instead of the document's, for a server that is not where it says yet. */
export function buildRequest(
  tool: ImportedTool,
  placed: Placed,
  identity: Identity,
  {
    logId,
    origin,
    ...credentials
  }: Credentials & { readonly logId: string; readonly origin?: string | undefined },
  notes: Set<string>,
): BuiltRequest {
  const url = urlOf(tool, placed, notes);
  const headers = new Headers({ 'User-Agent': 'Coze/1.0' });
  for (const [name, value] of placed.header) addHeader(headers, name, value, notes);
  const { user, bot, conversation } = identity;
  setHeader(headers, 'X-Tt-Logid', logId);
  setHeader(headers, 'X-Aiplugin-Connector-Identifier', user);
  if (bot !== undefined) setHeader(headers, 'X-AIPlugin-Bot-ID', bot);
  if (conversation !== undefined) setHeader(headers, 'X-AIPlugin-Conversation-ID', conversation);
  if (placed.body !== undefined) headers.set('Content-Type', 'application/json');
  addCredentials(url, headers, credentials);
  if (origin !== undefined) {
    const other = new URL(origin);
    url.protocol = other.protocol;
    url.host = other.host;
    url.port = other.port;
  }
  return {
    url,
    method: tool.method,
    headers,
    body: placed.body === undefined ? undefined : JSON.stringify(placed.body),
  };
}

function urlOf(tool: ImportedTool, { path, query }: Placed, notes: Set<string>): URL {
  let text = tool.url;
  for (const [name, value] of path) {
    const plain = asText(value);
    if (/[/?#%\\]/.test(plain)) notes.add(`argument ${name}: Coze puts ${plain} into the path as it is`);
    text = text.replaceAll(`{${name}}`, () => plain);
  }
  const url = URL.parse(text);
  if (url === null) throw new CallFailure('REFUSED_ARGUMENTS', `no URL: ${text}`);
  for (const [name, value] of query) {
    for (const one of isArray(value) ? value : [value]) url.searchParams.append(name, asText(one));
  }
  url.searchParams.sort();
  return url;
}

/** A value in a path, a query or a header: texts as they are, everything else as JSON. */
function asText(value: Json): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function addHeader(headers: Headers, name: string, value: Json, notes: Set<string>): void {
  for (const one of isArray(value) ? value : [value]) {
    const text = asText(one);
    if (/[^\t\x20-\x7e]/.test(text))
      notes.add(`argument ${name}: many servers cut a header at its first letter beyond ASCII`);
    // As bytes of UTF-8: a header of fetch is a text of bytes.
    try {
      headers.append(name, Buffer.from(text).toString('latin1'));
    } catch {
      throw new CallFailure('REFUSED_ARGUMENTS', `the header ${name} cannot hold this value`);
    }
  }
}

/** What the arguments have set already is left alone. */
function addCredentials(url: URL, headers: Headers, { serviceToken, accessToken }: Credentials): void {
  if (serviceToken?.in === 'query' && !url.searchParams.get(serviceToken.name)) {
    url.searchParams.set(serviceToken.name, serviceToken.token);
  }
  if (serviceToken?.in === 'header' && !headers.get(serviceToken.name)) {
    setHeader(headers, serviceToken.name, serviceToken.token);
  }
  if (accessToken !== undefined) setHeader(headers, 'Authorization', `Bearer ${accessToken}`);
}

function setHeader(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value);
  } catch {
    throw new CallFailure('REFUSED_ARGUMENTS', `the header ${name} cannot be sent with this value`);
  }
}
