/**
 * The page behind a consent link: says what will happen and for whom, and sends the browser to Coze when its user agrees.
 *
 *   GET  valid link                                   ─► the page; the cookie with the session
 *   POST valid link, cookie, proof of having seen it  ─► 303 to Coze with a state bound to that session
 */
import { type ReadLink, readConsentLink } from '../../wire/consent-link.ts';
import type { PageAnswer, PageRequest } from '../../wire/page.ts';
import type { ConsentSite } from './consent-site.ts';
import { HEADERS } from './document.ts';
import { formProof, isFormProof } from './form-proof.ts';
import { html } from './html.ts';
import { newSession } from './session-cookie.ts';

type ValidLink = ReadLink & { readonly kind: 'valid' };

export async function authorize(site: ConsentSite, request: PageRequest): Promise<PageAnswer> {
  const link = readConsentLink(request.query, site.keys, Date.now());
  switch (link.kind) {
    case 'valid':
      return request.method === 'POST' ? sendToCoze(site, request, link) : ask(site, request, link);
    case 'expired':
      return useless(site, 'This link is too old', 'It worked for half an hour after it was made.');
    case 'forged':
      return useless(
        site,
        'This link is not valid',
        'It was not made by this server, or it has been changed or cut short on its way.',
      );
    default:
      return link satisfies never;
  }
}

function ask(site: ConsentSite, { headers }: PageRequest, { user, until, query }: ValidLink): PageAnswer {
  const session = site.cookie.read(headers.get('cookie'))?.session ?? newSession();
  const shown = { session, query };
  const answer = site.answer(200, {
    title: 'Connect your Coze account',
    mood: 'plain',
    body: html`<p>To answer you, a plugin has to use Coze in your name. It may do so once you have agreed.</p>
<dl><dt>User</dt><dd>${user}</dd><dt>Coze</dt><dd>${site.cozeHost}</dd></dl>
<ol>
<li>You go to ${site.cozeHost}, sign in there and agree.</li>
<li>Coze sends you back here with a permission. Your password stays with Coze.</li>
<li>This server keeps the permission encrypted. Plugins use it only while they answer this user.</li>
</ol>
<p class="note">Continue only if you have asked for this page in your own chat. A link that somebody else has sent you would
connect your account to their chat.</p>
<form method="post" action="${site.authorizePath}?${query}">
<input type="hidden" name="proof" value="${formProof(site.keys[0], shown)}">
<button class="button" type="submit">Continue to ${site.cozeHost}</button>
</form>
<p class="small">This page works until ${timeOf(until)}. You can take the permission back in your settings at Coze.</p>`,
  });
  return { ...answer, headers: { ...answer.headers, 'Set-Cookie': site.cookie.write(shown) } };
}

async function sendToCoze(
  site: ConsentSite,
  { headers, body, requestId }: PageRequest,
  { user, query }: ValidLink,
): Promise<PageAnswer> {
  const session = site.cookie.read(headers.get('cookie'))?.session;
  if (session === undefined) return noCookie(site, query);
  const proof = new URLSearchParams(Buffer.from(body).toString('latin1')).get('proof') ?? '';
  if (!isFormProof(site.keys, { session, query }, proof)) return noCookie(site, query);
  const begun = await site.tokens.begin(user, session);
  if (begun.kind === 'unavailable') {
    site.log.warn('a consent could not be begun', { requestId, code: begun.code, reason: begun.reason });
    return site.notNow(begun.code, query);
  }
  // Where it fails from here on, this link is offered again.
  const cookie = site.cookie.write({ session, query });
  return {
    status: 303,
    headers: { ...HEADERS, Location: new URL(begun.url).href, 'Set-Cookie': cookie },
    body: '',
  };
}

function noCookie(site: ConsentSite, query: string): PageAnswer {
  return site.answer(400, {
    title: 'Your browser has not kept the cookie of this page',
    mood: 'bad',
    body: html`<p>It is needed to be sure that you are the one who comes back from Coze. Allow cookies for this site, or
open the link in another browser.</p>
${site.tryAgain(query)}`,
  });
}

function useless(site: ConsentSite, title: string, why: string): PageAnswer {
  return site.answer(403, {
    title,
    mood: 'bad',
    body: html`<p>${why}</p>
${site.tryAgain(undefined)}`,
  });
}

/** For people anywhere: the page cannot know their time zone. */
function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}
