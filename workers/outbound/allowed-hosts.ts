/**
 * Which hosts a plugin may call.
 *
 *   api.example.com         that host, at the port of the scheme (80, 443)
 *   api.example.com:8443    that host, at that port
 *   *.example.com           every host below example.com, not itself
 *
 * What is compared is what `URL` makes of an address: lower case, international names in ASCII, numbers as IPv4
 * addresses, the scheme's port left out.
 */

export type HostCheck = (url: URL) => boolean;

/** Undefined: every host is allowed. */
export function hostCheck(patterns: readonly string[] | undefined): HostCheck {
  if (patterns === undefined) return () => true;
  const checks = patterns.map((pattern) => checkOf(pattern.trim().toLowerCase()));
  return (url) => checks.some((check) => check(url));
}

function checkOf(pattern: string): HostCheck {
  const [name = '', port] = pattern.split(':');
  const below = name.startsWith('*.') ? name.slice(1) : undefined;
  return (url) =>
    (port === undefined ? url.port === '' : portOf(url) === port) &&
    (below === undefined ? url.hostname === name : url.hostname.endsWith(below));
}

/** Name and port as people and metrics tell hosts apart. */
export function hostOf(url: URL): string {
  return `${url.hostname}:${portOf(url)}`;
}

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port;
  return protocol === 'https:' ? '443' : '80';
}
