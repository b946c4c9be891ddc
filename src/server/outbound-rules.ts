/** What the settings say about the calls plugins make to other services. */
import type { Settings } from '../config/settings.ts';
import type { OutboundPolicy, OutboundSettings } from '../wire/outbound.ts';

/** One worker's part: all workers together keep to the number of connections, but each may have one. */
export function outboundSettings(settings: Settings): OutboundSettings {
  return {
    connectionsPerHost: Math.max(1, Math.floor(settings.outboundConnections / settings.workers)),
    idleMs: settings.outboundIdleMs,
    circuit: settings.breaker
      ? {
          failurePercent: settings.breakerFailurePercent,
          windowMs: settings.breakerWindowMs,
          minCalls: settings.breakerMinCalls,
          pauseMs: settings.breakerPauseMs,
        }
      : undefined,
  };
}

export function outboundPolicy(settings: Settings, plugin: string): OutboundPolicy {
  const own = settings.pluginSettings[plugin]?.outbound;
  return {
    hosts: own?.hosts ?? settings.outboundHosts?.split(','),
    identity: own?.identity ?? settings.outboundIdentity,
  };
}
