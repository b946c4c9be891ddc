/**
 * What has happened since the last report, by host. Reports go out at most once a second, and only when there is
 * something to say.
 */
import { OTHER_HOSTS, type OutboundHost } from '../../src/wire/outbound.ts';

/** How a request to a host can end. */
export type Result = 'answered' | 'failed' | 'cancelled' | 'refused';
/** How things stand with a host now. */
export type Standing = Pick<OutboundHost, 'connections' | 'pending' | 'circuit'>;
type Counts = Record<Result, number>;

/** Milliseconds between two reports. */
const REPORT_EVERY = 1000;
/** Hosts told apart in one report: a plugin may call a new name every time. */
const MOST_ROWS = 256;

export class Ledger {
  private readonly report: (hosts: OutboundHost[]) => void;
  private readonly standing: (host: string) => Standing;
  private rows = new Map<string, Counts>();
  private timer: NodeJS.Timeout | undefined;
  private reportedAt = Number.NEGATIVE_INFINITY;

  /** `standing` is asked when a report goes out; also for hosts that are forgotten by then. */
  constructor(report: (hosts: OutboundHost[]) => void, standing: (host: string) => Standing) {
    this.report = report;
    this.standing = standing;
  }

  count(host: string, result: Result): void {
    this.touch(host)[result]++;
  }

  /** How things stand with this host has changed. */
  touch(host: string): Counts {
    // Nobody need wait for a report: the thread may end, and sends the last one itself.
    this.timer ??= setTimeout(
      () => this.flush(),
      Math.max(0, this.reportedAt + REPORT_EVERY - performance.now()),
    ).unref();
    const row = this.rows.get(host);
    if (row !== undefined) return row;
    if (this.rows.size >= MOST_ROWS && host !== OTHER_HOSTS) return this.touch(OTHER_HOSTS);
    const counts = { answered: 0, failed: 0, cancelled: 0, refused: 0 };
    this.rows.set(host, counts);
    return counts;
  }

  /** Reports at once. */
  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.rows.size === 0) return;
    const { rows } = this;
    this.rows = new Map();
    this.reportedAt = performance.now();
    const hosts: OutboundHost[] = [];
    for (const [host, counts] of rows) hosts.push({ host, ...this.standing(host), ...counts });
    this.report(hosts);
  }
}
