/** What `ctx.fetch` rejects with where it did not even try. */
import type { OutboundError } from '../../src/plugin/plugin.ts';

export class HostRefused extends Error implements OutboundError {
  override readonly name = 'OutboundError';
  readonly code: OutboundError['code'];
  readonly host: string;
  readonly retryInMs: number | undefined;

  private constructor(code: OutboundError['code'], message: string, host: string, retryInMs?: number) {
    super(message);
    this.code = code;
    this.host = host;
    this.retryInMs = retryInMs;
  }

  static notAllowed(plugin: string, host: string): HostRefused {
    const remedy = `allow it with pluginSettings.${plugin}.outbound.hosts, or for all plugins with outboundHosts`;
    return new HostRefused('HOST_NOT_ALLOWED', `${plugin} may not call ${host}: ${remedy}`, host);
  }

  static circuitOpen(host: string, retryInMs: number): HostRefused {
    const seconds = Math.max(1, Math.ceil(retryInMs / 1000));
    const message = `${host} has failed too often; it is tried again in ${seconds} s`;
    return new HostRefused('CIRCUIT_OPEN', message, host, retryInMs);
  }
}
