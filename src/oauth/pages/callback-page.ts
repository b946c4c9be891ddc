/**
 * The page that Coze sends the browser back to, with a code or with a refusal: `?code&state`, or `?error&state`
 * (RFC 6749, sections 4.1.2 and 4.1.2.1).
 */
import type { PageAnswer, PageRequest } from '../../wire/page.ts';
import type { RefusalCode } from '../token-service.ts';
import type { ConsentSite } from './consent-site.ts';
import { type Html, html } from './html.ts';

export async function callback(site: ConsentSite, request: PageRequest): Promise<PageAnswer> {
  const { requestId } = request;
  const values = new URLSearchParams(request.query);
  const known = site.cookie.read(request.headers.get('cookie'));
  const error = values.get('error');
  if (error !== null)
    return refusedByCoze(site, error, values.get('error_description'), known?.query, requestId);

  const [state, code] = [values.get('state'), values.get('code')];
  if (!state || !code) {
    return failed(site, 400, 'Something is missing', INCOMPLETE, known?.query);
  }
  if (known === undefined) return failed(site, 400, FOREIGN.title, FOREIGN.text, undefined);
  const finished = await site.tokens.finish({ state, code, session: known.session });
  switch (finished.kind) {
    case 'stored':
      site.log.info('a user has connected a Coze account', { requestId, userId: finished.user });
      return site.answer(200, {
        title: 'Your Coze account is connected',
        mood: 'good',
        body: html`<dl><dt>User</dt><dd>${finished.user}</dd><dt>Coze</dt><dd>${site.cozeHost}</dd></dl>
<p>You can close this window and go on in your chat: ask again for what you wanted.</p>
<p class="small">You can take the permission back at any time, in your settings at Coze.</p>`,
      });
    case 'refused': {
      const { title, text } = REFUSALS[finished.code];
      site.log.info('a consent was refused', { requestId, code: finished.code, reason: finished.reason });
      return failed(
        site,
        400,
        title,
        html`${text}
<p class="small">${finished.code}: ${finished.reason}</p>`,
        known.query,
      );
    }
    case 'unavailable':
      site.log.warn('a consent could not be finished', {
        requestId,
        code: finished.code,
        reason: finished.reason,
      });
      return site.notNow(finished.code, known.query);
    default:
      return finished satisfies never;
  }
}

interface Words {
  readonly title: string;
  readonly text: Html;
}

const INCOMPLETE = html`<p>This page is where Coze sends you back to after you have agreed. Opened by itself it can do
nothing.</p>`;

const FOREIGN: Words = {
  title: 'This was begun in another browser',
  text: html`<p>Begin and end have to be in the same browser, which has to keep the cookie of this site. Open the link from
your chat once more.</p>
<p>If you have not begun this yourself, close this window: nothing has been connected.</p>`,
};

const REFUSALS: Readonly<Record<RefusalCode, Words>> = {
  STATE_UNKNOWN: {
    title: 'This has been used already',
    text: html`<p>Each consent works once, and for ten minutes. If you have seen before that your account is connected, all
is well. Else begin again.</p>`,
  },
  STATE_EXPIRED: {
    title: 'This has taken too long',
    text: html`<p>There are ten minutes to agree. Nothing has been connected; begin again.</p>`,
  },
  STATE_FOREIGN: FOREIGN,
  CODE_REFUSED: {
    title: 'Coze did not complete the connection',
    text: html`<p>You have agreed, but Coze did not take its own confirmation. Nothing has been connected; begin again.</p>`,
  },
};

/** What Coze says is shown only to a browser that has begun a consent: anybody can make a link with other words. */
function refusedByCoze(
  site: ConsentSite,
  error: string,
  description: string | null,
  query: string | undefined,
  requestId: string,
): PageAnswer {
  const code = /^[\w.-]{1,64}$/.test(error) ? error : 'unreadable';
  site.log.info('Coze has sent a user back without consent', { requestId, code });
  if (code === 'access_denied') {
    const text = html`<p>You have not agreed at Coze, so nothing has been connected. You can close this window.</p>`;
    return failed(site, 200, 'Your Coze account is not connected', text, query, 'plain');
  }
  const said = query === undefined || description === null ? '' : `: ${description.slice(0, 300)}`;
  const text = html`<p>Coze has not let you agree. Nothing has been connected.</p>
<p class="small">Coze says: ${code}${said}</p>`;
  return failed(site, 400, 'Coze has refused the connection', text, query);
}

function failed(
  site: ConsentSite,
  status: number,
  title: string,
  text: Html,
  query: string | undefined,
  mood: 'plain' | 'bad' = 'bad',
): PageAnswer {
  return site.answer(status, { title, mood, body: html`${text}\n${site.tryAgain(query)}` });
}
