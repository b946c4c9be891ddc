/**
 * Where a user consents: the authorize address, which sends the browser on to a page with two buttons. `auto=allow` or
 * `auto=deny` in the address presses one at once, and `user` says who is logged in.
 */
import type { ConsentRequest, Grants } from './grants.ts';
import { type Answer, html, json, type Request, redirect } from './http-message.ts';

export interface App {
  readonly clientId: string;
  /** Undefined: the app uses PKCE only. */
  readonly clientSecret: string | undefined;
  /** Addresses it may redirect to, exactly; undefined: any. */
  readonly redirectUris: readonly string[] | undefined;
}

/** Who is logged in, and which button is pressed. */
export interface Visitor {
  readonly user: string;
  readonly decision: 'ask' | 'allow' | 'deny';
}

export function authorize({ query }: Request, app: App, grants: Grants, visitor: Visitor): Answer {
  const wrong = wrongParameter(query, app);
  if (wrong !== undefined) {
    return json(400, { error_code: 'invalid_request', error_message: `invalid request: ${wrong}` });
  }
  const request: ConsentRequest = {
    redirectUri: query.get('redirect_uri') ?? '',
    state: query.get('state') ?? '',
    codeChallenge: query.get('code_challenge') ?? undefined,
  };
  const user = query.get('user') ?? visitor.user;
  const decision = query.get('auto') ?? visitor.decision;
  if (decision === 'allow' || decision === 'deny') return decide(request, decision, user, grants);
  const key = new URLSearchParams({ authorize_key: grants.ask(request), user });
  return redirect(`/oauth/consent?${key}`);
}

/** Undefined: all are right. A missing PKCE challenge is wrong for an app without a secret. */
function wrongParameter(
  query: URLSearchParams,
  { clientId, clientSecret, redirectUris }: App,
): string | undefined {
  const redirectUri = query.get('redirect_uri') ?? '';
  const challenge = query.get('code_challenge');
  const checks: readonly (readonly [name: string, isRight: boolean])[] = [
    ['response_type', query.get('response_type') === 'code'],
    ['client_id', query.get('client_id') === clientId],
    ['redirect_uri', redirectUris?.includes(redirectUri) ?? URL.canParse(redirectUri)],
    ['state', (query.get('state') ?? '') !== ''],
    ['code_challenge', challenge === null ? clientSecret !== undefined : /^[\w-]{43}$/.test(challenge)],
    ['code_challenge_method', challenge === null || query.get('code_challenge_method') === 'S256'],
  ];
  return checks.find(([, isRight]) => !isRight)?.[0];
}

/** The page; its buttons come back to `decideByForm`. */
export function showConsent({ query }: Request, { clientId }: App, grants: Grants): Answer {
  const key = query.get('authorize_key') ?? '';
  if (!grants.isAsked(key)) return html(400, page('<p>This request is unknown or has been decided.</p>'));
  return html(
    200,
    page(`<p><b>${escape(clientId)}</b> asks to use Coze’s API in your name.</p>
<form method="post" action="/oauth/consent">
<input type="hidden" name="authorize_key" value="${escape(key)}">
<p><label>User <input name="user" value="${escape(query.get('user') ?? '')}"></label></p>
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button>
</form>`),
  );
}

export function decideByForm({ body }: Request, grants: Grants): Answer {
  const form = new URLSearchParams(body);
  const decision = form.get('decision');
  const user = form.get('user') ?? '';
  if ((decision !== 'allow' && decision !== 'deny') || user === '') {
    return html(400, page('<p>Say who you are, and allow or deny.</p>'));
  }
  const request = grants.takeAsked(form.get('authorize_key') ?? '');
  if (request === undefined) return html(400, page('<p>This request is unknown or has been decided.</p>'));
  return decide(request, decision, user, grants);
}

function decide(request: ConsentRequest, decision: 'allow' | 'deny', user: string, grants: Grants): Answer {
  const back = new URL(request.redirectUri);
  if (decision === 'allow') back.searchParams.set('code', grants.allow(request, user));
  else back.searchParams.set('error', 'access_denied');
  back.searchParams.set('state', request.state);
  return redirect(back.href);
}

function page(content: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Consent</title><h1>Coze’s twin</h1>${content}</html>`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
