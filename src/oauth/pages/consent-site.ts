/** What the pages share: where they are, who asks Coze for them, and how they answer. */
import type { KeyObject } from 'node:crypto';
import type { Log } from '../../core/log.ts';
import { readConsentLink } from '../../wire/consent-link.ts';
import type { PageAnswer } from '../../wire/page.ts';
import type { TokenService } from '../token-service.ts';
import { type Content, documentOf, HEADERS } from './document.ts';
import { type Html, html } from './html.ts';
import { SessionCookie } from './session-cookie.ts';

export interface SiteOptions {
  /** Where browsers find this server, without a slash at its end. */
  readonly publicUrl: string;
  /** Where users give their consent to Coze. */
  readonly cozeUrl: string;
  /** The first key signs links and forms, each of them may have signed one. There is at least one. */
  readonly keys: readonly [KeyObject, ...KeyObject[]];
  readonly tokens: Pick<TokenService, 'begin' | 'finish'>;
  readonly log: Log;
}

/** Below the public address. */
export const FOLDER = '/oauth/coze';

export class ConsentSite {
  readonly keys: SiteOptions['keys'];
  readonly tokens: SiteOptions['tokens'];
  readonly log: Log;
  readonly cookie: SessionCookie;
  /** The host of Coze's consent page, as people know it. */
  readonly cozeHost: string;
  /** The consent page's path as browsers see it. */
  readonly authorizePath: string;

  constructor({ publicUrl, cozeUrl, keys, tokens, log }: SiteOptions) {
    const folder = new URL(publicUrl + FOLDER);
    this.keys = keys;
    this.tokens = tokens;
    this.log = log;
    this.cookie = new SessionCookie(folder, folder.pathname);
    this.cozeHost = new URL(cozeUrl).host;
    this.authorizePath = `${folder.pathname}/authorize`;
  }

  answer(status: number, content: Content): PageAnswer {
    return { status, headers: HEADERS, body: documentOf(content) };
  }

  /** A button back to the consent page; where its link works no more, who makes another one. */
  tryAgain(query: string | undefined): Html {
    const link = query === undefined ? undefined : readConsentLink(query, this.keys, Date.now());
    if (link?.kind !== 'valid') {
      return html`<p>Go back to your chat and ask for a new link there.</p>`;
    }
    return html`<a class="button" href="${this.authorizePath}?${link.query}">Try again</a>`;
  }

  /** `code`: for whoever looks it up in the server's log. */
  notNow(code: string, query: string | undefined): PageAnswer {
    return this.answer(503, {
      title: 'This is not possible just now',
      mood: 'bad',
      body: html`<p>The server could not reach Coze, or the place where it keeps permissions. Nothing has changed. Please try
again in a few minutes.</p>
${this.tryAgain(query)}
<p class="small">Tell the owner of the server, if it stays so: ${code}</p>`,
    });
  }
}
