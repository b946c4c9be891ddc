/**
 * The hosts that plugins of this thread have called lately. Only so many are kept: where a plugin calls ever new
 * names, the one unused for longest makes room.
 */
import type { OutboundSettings } from '../../src/wire/outbound.ts';
import type { WorkerLog } from '../worker-log.ts';
import { Ledger, type Standing } from './ledger.ts';
import type { OutboundReport } from './outbound.ts';
import { Upstream } from './upstream.ts';

/** Hosts in one thread, but for those with requests under way. */
const MOST_HOSTS = 256;
const UNKNOWN: Standing = { connections: 0, pending: 0, circuit: 'closed' };

export class Upstreams {
  readonly ledger: Ledger;
  private readonly settings: OutboundSettings;
  private readonly log: WorkerLog;
  /** By origin; the one used last comes last. */
  private readonly known = new Map<string, Upstream>();

  constructor(settings: OutboundSettings, report: OutboundReport, log: WorkerLog) {
    this.settings = settings;
    this.log = log;
    this.ledger = new Ledger(report, (host) => this.standing(host));
  }

  private standing(host: string): Standing {
    return [...this.known.values()].find((upstream) => upstream.host === host)?.standing ?? UNKNOWN;
  }

  of(url: URL): Upstream {
    const { origin } = url;
    const upstream = this.known.get(origin) ?? this.add(url);
    this.known.delete(origin);
    this.known.set(origin, upstream);
    return upstream;
  }

  private add(url: URL): Upstream {
    for (const [origin, upstream] of this.known) {
      if (this.known.size < MOST_HOSTS) break;
      if (!upstream.isIdle) continue;
      this.known.delete(origin);
      this.ledger.touch(upstream.host);
      void upstream.close();
    }
    return new Upstream(url, this.settings, this.ledger, this.log);
  }

  /** Closes every connection, tells the last counts, and resolves when all are closed. */
  async close(): Promise<void> {
    const upstreams = [...this.known.values()];
    // From now on nothing stands for any of them.
    this.known.clear();
    await Promise.all(upstreams.map((upstream) => upstream.close()));
    this.ledger.flush();
  }
}
