/**
 * Codes and refresh tokens for access tokens, with the oddities of Coze: the request is JSON, the client's secret its
 * Bearer token, `expires_in` a point in time and errors have names of their own. https://docs.coze.cn, OAuth.
 */
import type { App } from './consent.ts';
import type { Grants, TokenPair } from './grants.ts';
import { type Answer, bearerOf, json, type Request } from './http-message.ts';
import { isObject, type JsonObject, parseJson } from './json.ts';

export function giveTokens(request: Request, app: App, grants: Grants): Answer {
  const isJson = String(request.headers['content-type'] ?? '').startsWith('application/json');
  const body = isJson ? parseJson(request.body) : undefined;
  if (!isObject(body)) return invalid('body');
  const { grant_type: type, client_id: clientId } = body;
  if (type !== 'authorization_code' && type !== 'refresh_token') {
    return failure(400, 'unsupported_grant_type', `not supported grant type: ${String(type ?? '')}`);
  }
  if (clientId !== app.clientId) return invalid('client_id');
  const key = type === 'authorization_code' ? 'code' : 'refresh_token';
  const held = textOf(body, key);
  // What began with PKCE needs no secret.
  if (app.clientSecret !== undefined && !grants.isPkce(held) && bearerOf(request) !== app.clientSecret) {
    return failure(401, 'invalid_client', 'invalid client');
  }
  const verifier = textOf(body, 'code_verifier');
  const pair =
    key === 'code' ? grants.redeem(held, textOf(body, 'redirect_uri'), verifier) : grants.renew(held);
  return pair === undefined ? invalid(key) : success(pair);
}

function success({ accessToken, refreshToken, expiresAt }: TokenPair): Answer {
  return json(200, { access_token: accessToken, expires_in: expiresAt, refresh_token: refreshToken });
}

function invalid(parameter: string): Answer {
  return failure(400, 'invalid_request', `invalid request: ${parameter}`);
}

function failure(status: number, code: string, message: string): Answer {
  return json(status, { error_code: code, error_message: message });
}

function textOf(body: JsonObject, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}
