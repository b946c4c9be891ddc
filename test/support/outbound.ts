/** For tests of plugin code that is no test of `ctx.fetch`. */
import type { OutboundPolicy } from '../../src/wire/outbound.ts';
import { Outbound, PluginOutbound } from '../../workers/outbound/outbound.ts';
import { createWorkerLog } from '../../workers/worker-log.ts';

/** Every host, and the hosts are told nothing of the caller. */
export const ANYWHERE: OutboundPolicy = { hosts: undefined, identity: false };

/** No host at all. */
export function noOutbound(): PluginOutbound {
  const settings = { connectionsPerHost: 1, idleMs: 1000, circuit: undefined };
  const log = createWorkerLog({ postMessage: () => undefined }, 'error');
  return new PluginOutbound(new Outbound(settings, () => undefined, log), 'test', {
    hosts: [],
    identity: false,
  });
}
