/**
 * Which workers serve the heavy track. None, mostly. Once a long call of one plugin is to start while short ones of
 * others come in, so many workers as long calls can use, one at least stays with the short ones; until no long call has
 * been there for a while. So a call that waits for something is never in a thread that is about to compute for long.
 */
import type { SeatIndex, SlotIndex } from '../core/brand.ts';
import type { Arena } from '../shm/arena.ts';
import { PHASE, phaseOf, seatOf } from '../shm/state-word.ts';
import type { TrackName } from '../shm/track.ts';

/** Of the places of the workers that stay with the short calls: more must not be taken already. */
const TAKEN = 0.75;

export interface PartitionOptions {
  readonly arena: Arena;
  /** Calls one worker runs at the same time. */
  readonly concurrency: number;
  /** Wakes a worker that is to look at its orders; it may sleep on that track. */
  readonly alert: (seat: SeatIndex, track: TrackName) => void;
  /** So many workers serve the heavy track from now on. */
  readonly onSize: (heavy: number) => void;
}

export class Partition {
  private readonly options: PartitionOptions;
  private readonly heavy = new Set<SeatIndex>();
  private serving: readonly SeatIndex[] = [];
  /** Most workers long calls have asked for since the last review, and between the two before. */
  private peak = 0;
  private lastPeak = 0;

  constructor(options: PartitionOptions) {
    this.options = options;
  }

  /** The workers that serve from now on. Those that serve no more are replaced on the heavy track, if one can be spared. */
  setServing(seats: readonly SeatIndex[]): void {
    this.serving = seats;
    const wanted = Math.max(this.heavy.size, this.peak, this.lastPeak);
    for (const seat of this.heavy) {
      if (seats.includes(seat)) continue;
      this.heavy.delete(seat);
      // Who drains looks at neither track. Whoever has the seat next begins with the common one.
      this.options.arena.seats.assign(seat, 'common');
    }
    this.resize(wanted);
  }

  /**
   * A long call is to go to the heavy track; in all they keep `threads` threads busy. False: nobody can be spared to
   * serve it.
   */
  ask(threads: number): boolean {
    const wanted = Math.max(1, Math.ceil(threads));
    this.peak = Math.max(this.peak, wanted);
    if (wanted > this.heavy.size) this.resize(wanted);
    return this.heavy.size > 0;
  }

  /** Now and then: workers that long calls have not needed for a while go back. `threads` as above, 0: there are none. */
  review(threads: number): void {
    this.peak = Math.max(this.peak, Math.ceil(threads));
    const wanted = Math.max(this.peak, this.lastPeak);
    this.lastPeak = this.peak;
    this.peak = 0;
    if (wanted !== this.heavy.size) this.resize(wanted);
  }

  isHeavy(seat: SeatIndex): boolean {
    return this.heavy.has(seat);
  }

  /** Nobody serves the heavy track. */
  get isClosed(): boolean {
    return this.heavy.size === 0;
  }

  private resize(wanted: number): void {
    const size = Math.max(0, Math.min(wanted, this.serving.length - 1));
    while (this.heavy.size < size) {
      const seat = this.idlest();
      if (seat === undefined) break;
      this.heavy.add(seat);
      this.assign(seat, 'heavy', 'common');
    }
    for (const seat of this.heavy) {
      if (this.heavy.size <= size) break;
      this.heavy.delete(seat);
      this.assign(seat, 'common', 'heavy');
    }
    this.options.onSize(this.heavy.size);
  }

  private assign(seat: SeatIndex, to: TrackName, from: TrackName): void {
    this.options.arena.seats.assign(seat, to);
    this.options.alert(seat, from);
  }

  /**
   * The worker with the fewest started calls, for they will have to wait for long ones; undefined: the others have
   * not enough room left for the short calls.
   */
  private idlest(): SeatIndex | undefined {
    const started = this.startedCalls();
    let idlest: SeatIndex | undefined;
    let fewest = Number.POSITIVE_INFINITY;
    let sum = 0;
    for (const [seat, calls] of started) {
      sum += calls;
      // The last among equals: light load keeps to the lowest seats.
      if (calls > fewest) continue;
      fewest = calls;
      idlest = seat;
    }
    const places = (started.size - 1) * this.options.concurrency;
    return sum - fewest <= places * TAKEN ? idlest : undefined;
  }

  /** By worker of the common track. */
  private startedCalls(): ReadonlyMap<SeatIndex, number> {
    const { arena } = this.options;
    const started = new Map(this.serving.map((seat) => [seat, 0]));
    for (const seat of this.heavy) started.delete(seat);
    const { fronts, slotsPerFront } = arena.shape;
    for (let slot = 0; slot < fronts * slotsPerFront; slot++) {
      const word = arena.slots.state(slot as SlotIndex);
      const seat = seatOf(word);
      const calls = started.get(seat);
      if (phaseOf(word) === PHASE.CLAIMED && calls !== undefined) started.set(seat, calls + 1);
    }
    return started;
  }
}
