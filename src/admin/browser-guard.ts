/**
 * Keeps web pages away from the admin port. A browser on the same machine reaches it and will send it what a
 * page of any origin wants sent, in two ways:
 *
 *   cross-site request   the page posts a form to 127.0.0.1. It cannot add a header of its own without asking
 *                        first (a CORS preflight), and nobody here says yes. So actions need such a header.
 *   DNS rebinding        the page's own name is made to resolve to 127.0.0.1, so that the browser takes this
 *                        port for the page's own server. The name still stands in Host, so names are refused.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

/** The header every action carries. Its value says nothing; a page cannot send it, that is all. */
export const ADMIN_HEADER = { name: 'X-Hotlane-Admin', value: '1' } as const;

/** Why a request with this Host is not answered, or undefined. `hostNames` are trusted beside localhost. */
export function hostRefusal(host: string | undefined, hostNames: readonly string[]): string | undefined {
  const { bracketed, name = '' } =
    /^(?:\[(?<bracketed>.+)\]|(?<name>[^:]*))(?::\d+)?$/.exec(host ?? '')?.groups ?? {};
  if (bracketed === undefined ? isIP(name) !== 0 : isIPv6(bracketed)) return undefined;
  if (
    name !== '' &&
    ['localhost', ...hostNames].some((known) => known.toLowerCase() === name.toLowerCase())
  ) {
    return undefined;
  }
  return `the Host header must be an IP address, localhost or the admin host, got ${JSON.stringify(host ?? '')}`;
}

/** Why an action is not taken from a request with these headers, or undefined. */
export function actionRefusal(headers: IncomingHttpHeaders): string | undefined {
  const { name, value } = ADMIN_HEADER;
  if (headers[name.toLowerCase()] === value) return undefined;
  return `actions need the header "${name}: ${value}", which a page in a browser cannot send`;
}
