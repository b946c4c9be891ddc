/**
 * The calls that plugins of this thread make to other services. Costs nothing until the first one is made.
 */
import type { OutboundHost, OutboundPolicy, OutboundSettings } from '../../src/wire/outbound.ts';
import type { WorkerLog } from '../worker-log.ts';
import { type HostCheck, hostCheck } from './allowed-hosts.ts';
import { CallFetches } from './call-fetches.ts';
import type { Caller } from './caller-headers.ts';
import type { Network } from './network.ts';

/** Gets what has changed since it was called last. */
export type OutboundReport = (hosts: readonly OutboundHost[]) => void;

export class Outbound {
  private readonly settings: OutboundSettings;
  private readonly report: OutboundReport;
  private readonly log: WorkerLog;
  private readonly onLoaded: (ms: number) => void;
  private loading: Promise<Network> | undefined;

  /** `onLoaded`: how long the first call has kept the thread with what it needs, which is not its plugin's doing. */
  constructor(
    settings: OutboundSettings,
    report: OutboundReport,
    log: WorkerLog,
    onLoaded: (ms: number) => void = () => undefined,
  ) {
    this.settings = settings;
    this.report = report;
    this.log = log;
    this.onLoaded = onLoaded;
  }

  /** The connections that all plugins of this thread share. */
  network(): Promise<Network> {
    this.loading ??= this.load();
    return this.loading;
  }

  private async load(): Promise<Network> {
    const begin = performance.now();
    const { Network } = await import('./network.ts');
    this.onLoaded(performance.now() - begin);
    return new Network(this.settings, this.report, this.log);
  }

  /** No call is under way any more: closes the connections and tells the last counts. */
  async close(): Promise<void> {
    await (await this.loading)?.close();
  }
}

/** What one plugin may call, and how. */
export class PluginOutbound {
  readonly plugin: string;
  readonly policy: OutboundPolicy;
  readonly mayCall: HostCheck;
  private readonly outbound: Outbound;

  constructor(outbound: Outbound, plugin: string, policy: OutboundPolicy) {
    this.outbound = outbound;
    this.plugin = plugin;
    this.policy = policy;
    this.mayCall = hostCheck(policy.hosts);
  }

  network(): Promise<Network> {
    return this.outbound.network();
  }

  /** The `ctx.fetch` of one call. Whoever asks for it ends it. */
  fetchesOf(caller: Caller): CallFetches {
    return new CallFetches(caller, this);
  }
}
