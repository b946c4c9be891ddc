/** A call as a line for a shell, and as JSON for programs. */

/** A service token; undefined: not to be shown. */
interface Secret {
  readonly name: string;
  readonly place: 'header' | 'query';
  readonly token: string | undefined;
}

export interface ReadyCall {
  readonly method: 'POST' | 'GET';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** '' when there is none. */
  readonly body: string;
  readonly secret: Secret | undefined;
}

/** Where the token comes from when it is not shown. */
const VARIABLE = '$SERVICE_TOKEN';

/** For any POSIX shell, in one line. */
export function curlLine(call: ReadyCall): string {
  const { method, url, headers, body, secret } = call;
  const inQuery = secret?.place === 'query' ? tokenWord(queryStart(url, secret), shownIn(secret)) : '';
  const words = ['curl -sSg', quoted(url) + inQuery];
  for (const [name, value] of Object.entries(headers)) words.push('-H', quoted(`${name}: ${value}`));
  if (secret?.place === 'header') words.push('-H', tokenWord(`${secret.name}: `, shownIn(secret)));
  if (method === 'POST') words.push('--data-raw', quoted(body));
  return words.join(' ');
}

/** `{"method", "url", "headers", "body"}` */
export function requestJson({ method, url, headers, body, secret }: ReadyCall): string {
  const token = secret === undefined ? '' : (shownIn(secret) ?? VARIABLE);
  const request = {
    method,
    url: secret?.place === 'query' ? url + queryStart(url, secret) + token : url,
    headers: secret?.place === 'header' ? { ...headers, [secret.name]: token } : headers,
    body,
  };
  return `${JSON.stringify(request, null, 2)}\n`;
}

const queryStart = (url: string, { name }: Secret): string => `${url.includes('?') ? '&' : '?'}${name}=`;

/** The token as its place wants it; undefined: not to be shown. */
function shownIn({ place, token }: Secret): string | undefined {
  return token === undefined || place === 'header' ? token : encodeURIComponent(token);
}

function tokenWord(before: string, token: string | undefined): string {
  return token === undefined ? `${quoted(before)}"${VARIABLE}"` : quoted(before + token);
}

/** As one word, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
