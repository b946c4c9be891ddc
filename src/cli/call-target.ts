/** Where a call goes and which token it brings: by its flags, else by the settings of the server. */
import { authRulesOf } from '../config/auth-exposure.ts';
import type { Settings } from '../config/settings.ts';
import { serverUrl } from './sign-server.ts';

export interface TargetFlags {
  readonly url?: string;
  readonly token?: string;
  readonly tokenName?: string;
  readonly tokenIn?: 'header' | 'query';
}

export interface ServiceToken {
  readonly in: 'header' | 'query';
  readonly name: string;
  readonly token: string;
}

export interface CallTarget {
  readonly url: URL;
  /** Undefined: there is none, or it was given as "". */
  readonly serviceToken: ServiceToken | undefined;
}

/** Why there is none, in a sentence, where a flag is wrong. */
export function callTarget(plugin: string, flags: TargetFlags, settings: Settings): CallTarget | string {
  const address = serverUrl(flags.url, settings);
  const url = address === undefined ? null : URL.parse(address);
  if (url === null) {
    const got = flags.url === undefined ? 'none, and port 0 in the settings' : flags.url;
    return `--url: expected a URL such as http://127.0.0.1:8080, got ${got}`;
  }
  const rule = authRulesOf(settings, plugin).find(({ type }) => type === 'service-token');
  const own = rule?.type === 'service-token' ? rule : undefined;
  const name = flags.tokenName ?? own?.name ?? settings.serviceTokenName;
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    return `--token-name: expected a header or query parameter, got ${name}`;
  }
  const token = flags.token === undefined ? own?.tokens[0] : firstOf(flags.token);
  const place = flags.tokenIn ?? (own?.place === 'query' ? 'query' : 'header');
  return { url, serviceToken: token === undefined ? undefined : { in: place, name, token } };
}

/** A server takes several; whoever passes on what it was given means any of them. */
const firstOf = (tokens: string): string | undefined => tokens.split(',', 1)[0]?.trim() || undefined;
