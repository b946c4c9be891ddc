/**
 * Who has consented, and the tokens that came of it.
 *
 *   asked ── allowed ──▶ code ── redeemed ──▶ access and refresh token ──▶ the next pair, and so on
 *
 * A code works once, a refresh token works once. Who uses either again has stolen it, or lost the answer: the grant ends
 * with all its tokens.
 */
import { createHash, randomBytes } from 'node:crypto';

export interface Lifetimes {
  readonly codeSeconds: number;
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
}

/** What an authorize request asks for. */
export interface ConsentRequest {
  readonly redirectUri: string;
  readonly state: string;
  /** PKCE, S256; undefined: the client has a secret. */
  readonly codeChallenge: string | undefined;
}

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Unix time in seconds at which the access token ends. */
  readonly expiresAt: number;
}

interface Grant {
  readonly user: string;
  readonly isPkce: boolean;
  isOver: boolean;
}

interface Held {
  readonly grant: Grant;
  /** Milliseconds. */
  readonly until: number;
  isUsed: boolean;
}

interface Code extends Held {
  readonly request: ConsentRequest;
}

export class Grants {
  private readonly lifetimes: Lifetimes;
  private readonly asked = new Map<string, ConsentRequest>();
  private readonly codes = new Map<string, Code>();
  private readonly access = new Map<string, Held>();
  private readonly refresh = new Map<string, Held>();

  constructor(lifetimes: Lifetimes) {
    this.lifetimes = lifetimes;
  }

  /** The key under which the consent page finds the request again. */
  ask(request: ConsentRequest): string {
    const key = secret('');
    this.asked.set(key, request);
    return key;
  }

  /** The request, once. */
  takeAsked(key: string): ConsentRequest | undefined {
    const request = this.asked.get(key);
    this.asked.delete(key);
    return request;
  }

  isAsked(key: string): boolean {
    return this.asked.has(key);
  }

  /** A code for the user who has consented. */
  allow(request: ConsentRequest, user: string): string {
    const code = secret('code_');
    const grant = { user, isPkce: request.codeChallenge !== undefined, isOver: false };
    this.codes.set(code, { request, grant, until: inSeconds(this.lifetimes.codeSeconds), isUsed: false });
    return code;
  }

  /** Undefined: the code is unknown, used, too old, or of another redirect address or verifier. */
  redeem(code: string, redirectUri: string, verifier: string | undefined): TokenPair | undefined {
    const held = this.codes.get(code);
    if (held === undefined || !use(held)) return undefined;
    const { redirectUri: asked, codeChallenge } = held.request;
    const isSame =
      redirectUri === asked && (codeChallenge === undefined || codeChallenge === s256(verifier ?? ''));
    return isSame ? this.issue(held.grant) : undefined;
  }

  /** Undefined: the refresh token is unknown, used, too old, or its grant is over. */
  renew(refreshToken: string): TokenPair | undefined {
    const held = this.refresh.get(refreshToken);
    return held !== undefined && use(held) ? this.issue(held.grant) : undefined;
  }

  /** Whether the code or refresh token came without a client secret; undefined: there is none. */
  isPkce(codeOrToken: string): boolean | undefined {
    return (this.codes.get(codeOrToken) ?? this.refresh.get(codeOrToken))?.grant.isPkce;
  }

  userOf(accessToken: string): string | undefined {
    const held = this.access.get(accessToken);
    return held !== undefined && isGood(held) ? held.grant.user : undefined;
  }

  /** As if the user had withdrawn consent; without `user`, all of them. */
  revoke(user?: string): void {
    for (const { grant } of [...this.codes.values(), ...this.refresh.values()]) {
      if (user === undefined || grant.user === user) grant.isOver = true;
    }
  }

  private issue(grant: Grant): TokenPair {
    const { accessSeconds, refreshSeconds } = this.lifetimes;
    const expiresAt = Math.floor(inSeconds(accessSeconds) / 1000);
    const [accessToken, refreshToken] = [secret('czu_'), secret('')];
    this.access.set(accessToken, { grant, until: inSeconds(accessSeconds), isUsed: false });
    this.refresh.set(refreshToken, { grant, until: inSeconds(refreshSeconds), isUsed: false });
    return { accessToken, refreshToken, expiresAt };
  }
}

/** Whether it may be used, which it then is. A second use ends the grant. */
function use(held: Held): boolean {
  if (held.isUsed) held.grant.isOver = true;
  held.isUsed = true;
  return isGood(held);
}

function isGood({ grant, until }: Held): boolean {
  return !grant.isOver && Date.now() < until;
}

function inSeconds(seconds: number): number {
  return Date.now() + seconds * 1000;
}

function secret(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}

function s256(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url');
}
