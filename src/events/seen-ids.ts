/**
 * Ids that were here before, for a while and up to a number: memory is bounded whoever sends how many.
 */

/** The oldest go together: a map's first member is found by going over all places that were emptied before it. */
const DROPPED_AT_ONCE = 1 / 100;

export class SeenIds {
  private readonly lifetimeMs: number;
  private readonly capacity: number;
  /** When each is too old to count. In the order of arrival, which is the order of age. */
  private readonly expiries = new Map<string, number>();

  /** `capacity`: at least 1. */
  constructor(lifetimeMs: number, capacity: number) {
    this.lifetimeMs = lifetimeMs;
    this.capacity = capacity;
  }

  /** Remembers `id`. False: it was remembered already. `now` in ms; never less than before. */
  add(id: string, now: number): boolean {
    const expiry = this.expiries.get(id);
    if (expiry !== undefined && now < expiry) return false;
    this.expiries.delete(id);
    if (this.expiries.size >= this.capacity) this.dropOldest(now);
    this.expiries.set(id, now + this.lifetimeMs);
    return true;
  }

  /** As if it had never been here. */
  forget(id: string): void {
    this.expiries.delete(id);
  }

  /** Too old ones are counted until their place is needed. */
  get size(): number {
    return this.expiries.size;
  }

  private dropOldest(now: number): void {
    let surplus = Math.ceil(this.capacity * DROPPED_AT_ONCE);
    for (const [id, expiry] of this.expiries) {
      if (surplus <= 0 && now < expiry) return;
      this.expiries.delete(id);
      surplus--;
    }
  }
}
