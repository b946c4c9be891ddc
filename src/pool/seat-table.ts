/** Who sits where, and in which state. */
import type { SeatIndex } from '../core/brand.ts';
import type { Deployment } from './deployment.ts';
import type { MemoryReading } from './memory-limits.ts';
import type { Thread } from './thread.ts';

export type WorkerState =
  /** It has loaded the host's own modules and waits for plugins; or those as well, and waits to serve. */
  | 'standby'
  | 'starting'
  | 'serving'
  /** It claims nothing any more and finishes what it has. */
  | 'draining'
  /** It was told to end and has not ended yet: native code keeps it. */
  | 'terminating';

export interface Occupant {
  readonly thread: Thread;
  /** Undefined: it has been given no plugins yet. */
  deployment: Deployment | undefined;
  /** When it was given plugins, by performance.now(). */
  begunAt: number;
  state: WorkerState;
  /** When it was told to end, by performance.now(). */
  terminatedAt: number | undefined;
  /** As seen last. */
  memory: MemoryReading | undefined;
}

export class SeatTable {
  private readonly seats: (Occupant | undefined)[];

  constructor(seats: number) {
    this.seats = Array.from({ length: seats }, () => undefined);
  }

  at(seat: SeatIndex): Occupant | undefined {
    return this.seats[seat];
  }

  sit(seat: SeatIndex, occupant: Occupant): void {
    this.seats[seat] = occupant;
  }

  leave(seat: SeatIndex): void {
    this.seats[seat] = undefined;
  }

  /** A seat nobody sits in; undefined: there is none. */
  free(): SeatIndex | undefined {
    const seat = this.seats.indexOf(undefined);
    return seat === -1 ? undefined : (seat as SeatIndex);
  }

  all(): Occupant[] {
    return this.seats.filter((occupant) => occupant !== undefined);
  }

  in(...states: readonly WorkerState[]): Occupant[] {
    return this.all().filter(({ state }) => states.includes(state));
  }

  /** Workers that serve or will. */
  living(): Occupant[] {
    return this.in('starting', 'serving');
  }

  /** What all of those run; undefined: it is not the same, or there are none. */
  commonDeployment(): Deployment | undefined {
    const [first, ...others] = this.living().map(({ deployment }) => deployment);
    return others.every((other) => other === first) ? first : undefined;
  }
}
