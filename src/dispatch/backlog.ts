/**
 * The submission queues as a front has to see them. They also hold entries of withdrawn calls, anywhere, and some of their
 * slots wait anew further behind; so their depth is more than the calls that wait.
 */
import type { SlotIndex } from '../core/brand.ts';
import type { Arena } from '../shm/arena.ts';
import { PHASE, phaseOf } from '../shm/state-word.ts';
import type { TrackName } from '../shm/track.ts';

export class Backlog {
  private readonly arena: Arena;
  /** Most entries that can be those of withdrawn calls. */
  private withdrawn = 0;
  /** False: the queue of the heavy track is empty, and need not be asked. */
  isHeavyInUse = false;

  constructor(arena: Arena) {
    this.arena = arena;
  }

  /** While all workers are busy, nobody passes the entries of withdrawn calls: they may have filled the ring. */
  push(slot: SlotIndex, track: TrackName): 'pushed' | 'full' {
    const { submissions } = this.arena[track];
    if (track === 'heavy') this.isHeavyInUse = true;
    if (submissions.push(slot) === 'pushed') return 'pushed';
    submissions.trim((entry) => this.isQueued(entry));
    return submissions.push(slot);
  }

  /** Takes a call back before a worker starts it. */
  withdraw(slot: SlotIndex): 'withdrawn' | 'started' {
    const outcome = this.arena.slots.withdraw(slot);
    if (outcome === 'withdrawn') this.withdrawn++;
    return outcome;
  }

  /** Calls that wait in the queues; right where it matters whether they are fewer than `limit`, never too many. */
  waiting(limit: number): number {
    const { shape } = this.arena;
    const depth = this.depth();
    if (depth < limit || depth - this.withdrawn >= limit) return Math.max(0, depth - this.withdrawn);
    let waiting = 0;
    for (let slot = 0; slot < shape.fronts * shape.slotsPerFront; slot++) {
      if (this.isQueued(slot as SlotIndex)) waiting++;
    }
    this.withdrawn = Math.max(0, depth - waiting);
    return waiting;
  }

  private depth(): number {
    const { common, heavy } = this.arena;
    const depth = common.submissions.depth();
    if (!this.isHeavyInUse) return depth;
    const heavyDepth = heavy.submissions.depth();
    this.isHeavyInUse = heavyDepth > 0;
    return depth + heavyDepth;
  }

  /** No worker has started the call yet. */
  isQueued(slot: SlotIndex): boolean {
    return phaseOf(this.arena.slots.state(slot)) === PHASE.QUEUED;
  }
}
