/**
 * The cookie that binds a consent to the browser it was begun in. Its value is the session, 32 random bytes, and the query
 * of the link it was begun with, so that a page that fails can offer another try:
 *
 *   {session in base64url}.{query}
 *
 * Over https it is a `__Host-` cookie, which needs Path=/. The narrower path that a plain one could have is no protection,
 * while the prefix is: no other host of the same domain can set it, and so none can make a browser finish a consent
 * that was begun by somebody else. Over http, which is for development, there is no such prefix, and the path is narrow.
 */
import { randomBytes } from 'node:crypto';

/** In seconds: as long as a link, and ten minutes at Coze. */
const LIFE = 40 * 60;
/** https://www.rfc-editor.org/rfc/rfc6265#section-4.1.1 (cookie-octet) without what `URLSearchParams` never writes. */
const VALUE = /^(?<session>[\w-]{43})\.(?<query>[\w.*%+&=-]{1,2048})$/;

export interface BrowserSession {
  readonly session: string;
  /** Of the link that was opened last. Not to be trusted: people can change their cookies. */
  readonly query: string;
}

export class SessionCookie {
  private readonly name: string;
  private readonly attributes: string;

  /** `publicUrl`: where browsers find this server. */
  constructor(publicUrl: URL, folder: string) {
    const isSecure = publicUrl.protocol === 'https:';
    this.name = isSecure ? '__Host-hotlane-consent' : 'hotlane-consent';
    const where = isSecure ? 'Path=/; Secure' : `Path=${folder}`;
    this.attributes = `${where}; HttpOnly; SameSite=Lax; Max-Age=${LIFE}`;
  }

  /** The browser's session, if it has one. `header`: its Cookie header. */
  read(header: string | undefined): BrowserSession | undefined {
    for (const pair of header?.split(';') ?? []) {
      const [name = '', ...rest] = pair.trim().split('=');
      const groups = name === this.name ? VALUE.exec(rest.join('='))?.groups : undefined;
      if (groups?.session && groups.query) return { session: groups.session, query: groups.query };
    }
    return undefined;
  }

  /** The value of Set-Cookie that keeps this session. */
  write({ session, query }: BrowserSession): string {
    return `${this.name}=${session}.${query}; ${this.attributes}`;
  }
}

export function newSession(): string {
  return randomBytes(32).toString('base64url');
}
