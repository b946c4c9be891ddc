/** Where the plugins of a server with these settings are called. */
import type { Settings } from '../config/settings.ts';

/** `named` or by the settings, without a slash at its end; undefined: nothing says where. */
export function serverUrl(
  named: string | undefined,
  { host, port, tlsKey }: Pick<Settings, 'host' | 'port' | 'tlsKey'>,
): string | undefined {
  if (named === undefined && port === 0) return undefined;
  const scheme = tlsKey === undefined ? 'http' : 'https';
  const url = URL.parse(named ?? `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    return undefined;
  if (named !== undefined) return named.replace(/\/$/, '');
  // A server that listens on every address of a machine is reached on the one of the machine itself.
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  return url.origin;
}
