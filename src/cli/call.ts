/** `hotlane call`: calls one tool of a running server. */

import type { JsonObject } from '../twin/json.ts';
import { asCoze } from './call-as-coze.ts';
import { asExecute } from './call-as-execute.ts';
import { jsonObject, usageError } from './json-flag.ts';

export interface CallFlags {
  readonly json: string;
  readonly as: 'coze' | 'execute';
  readonly url: string;
  readonly user: string;
  readonly bot?: string;
  readonly conversation?: string;
  readonly token?: string;
  readonly tokenName: string;
  readonly tokenIn: 'header' | 'query';
  readonly timeout: number;
  readonly retry?: true;
  readonly stream?: true;
}

/** One call as it was asked for, checked. */
export interface Call extends Omit<CallFlags, 'url' | 'json'> {
  readonly plugin: string;
  readonly tool: string;
  readonly url: URL;
  readonly args: JsonObject;
}

export async function callTool(plugin: string, tool: string, flags: CallFlags): Promise<void> {
  const { json, url: address, ...rest } = flags;
  const args = jsonObject(json);
  if (args === undefined) return usageError(`--json: expected a JSON object, got ${json}`);
  const url = URL.parse(address);
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    return usageError(`--url: expected a URL such as http://127.0.0.1:8080, got ${address}`);
  }
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(rest.tokenName)) {
    return usageError(`--token-name: expected a header or query parameter, got ${rest.tokenName}`);
  }
  const call: Call = { ...rest, plugin, tool, url, args };
  if (rest.as === 'coze') return asCoze(call);
  if (rest.retry || rest.stream) return usageError('--retry and --stream are for --as coze.');
  return asExecute(call);
}

/** The first of the tokens a server takes: the variable may name several. */
export function firstToken({ token }: Pick<Call, 'token'>): string | undefined {
  return token?.split(',', 1)[0]?.trim() || undefined;
}

/** An address below the server's own. */
export function pathOf({ url }: Pick<Call, 'url'>, ...steps: readonly string[]): URL {
  const base = url.href.endsWith('/') ? url.href : `${url.href}/`;
  return new URL(steps.map(encodeURIComponent).join('/'), base);
}
