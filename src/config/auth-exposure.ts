/** Which rules hold for a plugin, and which plugins anybody on the network could call. */
import { BlockList, isIP } from 'node:net';
import type { AuthRule } from '../core/auth-rules.ts';
import type { Settings } from './settings.ts';

type Exposed = Pick<Settings, 'pluginSettings' | 'serviceToken' | 'serviceTokenName'>;

const OPEN: readonly AuthRule[] = [{ type: 'none' }];

/** A plugin's own rules, else the server's service token, else none. */
export function authRulesOf(settings: Exposed, plugin: string): readonly AuthRule[] {
  return settings.pluginSettings[plugin]?.auth ?? serverRules(settings);
}

function serverRules({ serviceToken, serviceTokenName }: Exposed): readonly AuthRule[] {
  const tokens = (serviceToken ?? '')
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '');
  return tokens.length === 0
    ? OPEN
    : [{ type: 'service-token', name: serviceTokenName, place: 'both', tokens }];
}

/** Those of `names` that admit every call although `host` can be reached from other machines; none if that is allowed. */
export function unguardedPlugins(
  settings: Exposed & Pick<Settings, 'host' | 'allowUnauthenticated'>,
  names: readonly string[],
): readonly string[] {
  if (settings.allowUnauthenticated || isLoopback(settings.host)) return [];
  return names.filter((name) => authRulesOf(settings, name).some(({ type }) => type === 'none'));
}

/** What to say of one of them. */
export function unguardedSentence(plugin: string, host: string): string {
  return (
    `${plugin} has no authentication, but ${host} can be reached from other machines; ` +
    `set serviceToken, pluginSettings.${plugin}.auth or allowUnauthenticated.`
  );
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

function isLoopback(host: string): boolean {
  switch (isIP(host)) {
    case 4:
      return loopback.check(host, 'ipv4');
    case 6:
      return loopback.check(host, 'ipv6');
    default:
      return host.toLowerCase() === 'localhost';
  }
}
