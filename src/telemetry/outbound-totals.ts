/**
 * What workers report of the hosts that plugins call, added up over all workers that there are and have been.
 */
import type { CircuitState } from '../circuit/circuit.ts';
import type { SeatIndex } from '../core/brand.ts';
import { OTHER_HOSTS, type OutboundHost } from '../wire/outbound.ts';

/** Hosts told apart, in the order they first appear: each is a label of several metrics. */
const MOST_HOSTS = 100;
const RESULTS = ['answered', 'failed', 'cancelled', 'refused'] as const;

type Counts = Record<(typeof RESULTS)[number], number>;
type Standing = Pick<OutboundHost, 'connections' | 'pending' | 'circuit'>;

/** How all workers together stand with a host. */
export interface HostStanding {
  readonly host: string;
  readonly connections: number;
  readonly pending: number;
  /** Workers by the state of their circuit; those that have neither a connection nor an open circuit are not counted. */
  readonly circuits: ReadonlyMap<CircuitState, number>;
}

export class OutboundTotals {
  private readonly counts = new Map<string, Counts>();
  /** By seat, then by host as the worker names it: those that share a label must not replace each other. */
  private readonly standing = new Map<SeatIndex, Map<string, Standing>>();

  /** A worker's report. */
  record(seat: SeatIndex, hosts: readonly OutboundHost[]): void {
    const here = this.standing.get(seat) ?? new Map<string, Standing>();
    this.standing.set(seat, here);
    for (const row of hosts) {
      const counts = this.countsOf(row.host);
      for (const result of RESULTS) counts[result] += row[result];
      const { connections, pending, circuit } = row;
      if (connections === 0 && pending === 0 && circuit === 'closed') here.delete(row.host);
      else here.set(row.host, { connections, pending, circuit });
    }
  }

  /** The worker in this seat has gone; what it has counted stays. */
  forget(seat: SeatIndex): void {
    this.standing.delete(seat);
  }

  private countsOf(host: string): Counts {
    const label = this.counts.has(host) || this.counts.size < MOST_HOSTS ? host : OTHER_HOSTS;
    const counts = this.counts.get(label) ?? { answered: 0, failed: 0, cancelled: 0, refused: 0 };
    this.counts.set(label, counts);
    return counts;
  }

  requests(): readonly {
    readonly host: string;
    readonly result: (typeof RESULTS)[number];
    readonly count: number;
  }[] {
    return [...this.counts].flatMap(([host, counts]) =>
      RESULTS.map((result) => ({ host, result, count: counts[result] })),
    );
  }

  /** One row for every host ever called, so that what was above 0 is seen to be 0 again. */
  standings(): readonly HostStanding[] {
    const rows = [...this.standing.values()].flatMap((hosts) => Array.from(hosts));
    const byLabel = Map.groupBy(rows, ([host]) => (this.counts.has(host) ? host : OTHER_HOSTS));
    return [...this.counts.keys()].map((host) => {
      const here = (byLabel.get(host) ?? []).map(([, standing]) => standing);
      return {
        host,
        connections: here.reduce((sum, { connections }) => sum + connections, 0),
        pending: here.reduce((sum, { pending }) => sum + pending, 0),
        circuits: new Map(
          (['closed', 'half-open', 'open'] as const).map((state) => [
            state,
            here.filter(({ circuit }) => circuit === state).length,
          ]),
        ),
      };
    });
  }
}
