/**
 * A small OAuth provider with Coze's oddities, and strict about them: a JSON body, the client secret as a bearer token, absolute
 * expiry, and refresh tokens that rotate. Using an old one, or a code twice, revokes the grant.
 *
 * Every secret it gives out contains `MARK`, so that a leak can be searched for.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export const MARK = 'TOPSECRET';
export const CLIENT_ID = 'client-1';
export const CLIENT_SECRET = `${MARK}-client`;
export const REDIRECT_URI = 'https://plugins.example.com/oauth/coze/callback';
const LIFE_SECONDS = 900;

interface ProviderGrant {
  access: string;
  refresh: string;
  revoked: boolean;
}

type Handler = (response: ServerResponse, body: Readonly<Record<string, string>>) => unknown;

export class StrictProvider {
  readonly url: string;
  /** Refreshes that were answered with tokens. */
  refreshes = 0;
  /** Requests to the token endpoint. */
  requests = 0;
  /** Takes the place of the token endpoint while it is set. */
  handler: Handler | undefined;
  /** All that was sent as a code verifier. */
  readonly verifiers: string[] = [];
  private readonly isPublic: boolean;
  private readonly now: () => number;
  private readonly grants = new Set<ProviderGrant>();
  private readonly deadRefresh = new Map<string, ProviderGrant>();
  private readonly codes = new Map<
    string,
    { readonly challenge: string | null; grant: ProviderGrant | undefined }
  >();

  private constructor(url: string, isPublic: boolean, now: () => number) {
    this.url = url;
    this.isPublic = isPublic;
    this.now = now;
  }

  /** `isPublic`: PKCE. */
  static async start(
    teardown: (work: () => Promise<void>) => void,
    { isPublic = false, now = Date.now }: { isPublic?: boolean; now?: () => number } = {},
  ): Promise<StrictProvider> {
    const server = createServer((request, response) => {
      void provider.token(request, response);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const provider = new StrictProvider(`http://127.0.0.1:${port}`, isPublic, now);
    teardown(async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    });
    return provider;
  }

  /** What the browser brings back after the user has agreed to what `authorizeUrl` asks. */
  consent(authorizeUrl: string): { readonly state: string; readonly code: string } {
    const url = new URL(authorizeUrl);
    const query = Object.fromEntries(url.searchParams);
    const { state = '', code_challenge: challenge, ...rest } = query;
    const wanted = {
      response_type: 'code',
      client_id: CLIENT_ID,
      redirect_uri: REDIRECT_URI,
      ...(this.isPublic ? { code_challenge_method: 'S256' } : {}),
    };
    if (JSON.stringify(rest) !== JSON.stringify(wanted)) throw new Error(`the page refuses ${url.search}`);
    if (!/^[\w-]{43}$/.test(state)) throw new Error('the state is not 32 bytes');
    if ((challenge !== undefined) !== this.isPublic) throw new Error('a challenge is for public apps');
    const code = `${MARK}-code-${random()}`;
    this.codes.set(code, { challenge: challenge ?? null, grant: undefined });
    return { state, code };
  }

  isLive(access: string): boolean {
    return [...this.grants].some((grant) => !grant.revoked && grant.access === access);
  }

  /** As the user does on Coze's own pages. */
  revokeAll(): void {
    for (const grant of this.grants) grant.revoked = true;
  }

  private async token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    this.requests += 1;
    const { method, url, headers } = request;
    if (method !== 'POST' || url !== '/api/permission/oauth2/token')
      return refuse(response, 404, 'not_found');
    if (headers['content-type'] !== 'application/json') return refuse(response, 400, 'invalid_request');
    const fields = JSON.parse(body) as Readonly<Record<string, string>>;
    if (fields['code_verifier'] !== undefined) this.verifiers.push(fields['code_verifier']);
    if (this.handler !== undefined) {
      await this.handler(response, fields);
      return;
    }
    const expected = this.isPublic ? undefined : `Bearer ${CLIENT_SECRET}`;
    if (headers.authorization !== expected || fields['client_id'] !== CLIENT_ID)
      return refuse(response, 401, 'invalid_client');
    const grant = this.grantFor(fields);
    if (grant === undefined) return refuse(response, 400, 'invalid_grant', body);
    answer(response, 200, {
      access_token: grant.access,
      refresh_token: grant.refresh,
      expires_in: Math.floor(this.now() / 1000) + LIFE_SECONDS,
      token_type: 'Bearer',
    });
  }

  private grantFor(fields: Readonly<Record<string, string>>): ProviderGrant | undefined {
    const {
      grant_type: type,
      code = '',
      refresh_token: refresh = '',
      redirect_uri: back,
      code_verifier: verifier,
    } = fields;
    if (type === 'refresh_token') return this.rotated(refresh);
    const issued = this.codes.get(code);
    if (type !== 'authorization_code' || issued === undefined || back !== REDIRECT_URI) return undefined;
    if (issued.grant !== undefined) {
      issued.grant.revoked = true;
      return undefined;
    }
    if (issued.challenge !== (verifier === undefined ? null : sha256(verifier))) return undefined;
    issued.grant = { ...newPair(), revoked: false };
    this.grants.add(issued.grant);
    return issued.grant;
  }

  private rotated(refresh: string): ProviderGrant | undefined {
    const reused = this.deadRefresh.get(refresh);
    if (reused !== undefined) reused.revoked = true;
    const grant = [...this.grants].find((one) => !one.revoked && one.refresh === refresh);
    if (grant === undefined) return undefined;
    this.deadRefresh.set(refresh, grant);
    this.refreshes += 1;
    return Object.assign(grant, newPair());
  }
}

export function answer(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json; charset=utf-8' });
  response.end(JSON.stringify(value));
}

/** Tells the caller what it has sent, as careless servers do. */
function refuse(response: ServerResponse, status: number, code: string, echo = ''): void {
  answer(response, status, { error_code: code, error_message: `refused: ${echo}` });
}

function newPair(): Pick<ProviderGrant, 'access' | 'refresh'> {
  return { access: `${MARK}-access-${random()}`, refresh: `${MARK}-refresh-${random()}` };
}

function random(): string {
  return randomBytes(6).toString('hex');
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('base64url');
}
