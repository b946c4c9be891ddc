/**
 * Tells what plugins accumulate while they serve: memory, timers, sockets, listeners.
 *
 *   counted now and then, for next to nothing ─► grows with the calls ─► hunt: who makes it? ─► one line, then quiet
 *
 * Memory has a way of its own: memory-leak.ts.
 */
import { Growth } from './growth.ts';
import { type Hunt, huntListeners, huntResources } from './leak-hunt.ts';
import type { LeakSites } from './leak-sites.ts';
import { inventory } from './leftovers.ts';
import { MemoryLeak } from './memory-leak.ts';
import type { WorkerLog } from './worker-log.ts';

/** Calls between two counts. */
const CALLS_PER_COUNT = 250;
const COUNTED = { readings: 5, calls: 1_000, perThousand: 50 } as const;
/** A hunt ends after so many calls. */
const HUNT_CALLS = 250;
/** Of what the growth lets expect, so much has to be found at one place before somebody is blamed. */
const LEAST_SHARE = 0.25;
/** Milliseconds without another word on the same. */
const QUIET = 600_000;

interface Suspicion {
  /** In words, for example `Timeout`. */
  readonly what: string;
  readonly perThousand: number;
  readonly since: number;
  readonly hunt: Hunt;
}

export interface LeakWatchOptions {
  readonly log: WorkerLog;
  readonly sites: LeakSites;
  /** Calls started so far. */
  readonly calls: () => number;
}

export class LeakWatch {
  private readonly options: LeakWatchOptions;
  private readonly growths = new Map<string, Growth>();
  private readonly quietUntil = new Map<string, number>();
  private readonly memory: MemoryLeak;
  private counted: Suspicion | undefined;
  private lastCount = 0;

  constructor(options: LeakWatchOptions) {
    this.options = options;
    this.memory = new MemoryLeak(options);
  }

  /** Now and then: counts when enough calls have been served since. */
  look(): void {
    const calls = this.options.calls();
    if (this.counted !== undefined) {
      if (calls - this.counted.since < HUNT_CALLS) return;
      this.conclude(this.counted, calls);
      this.counted = undefined;
      this.growths.clear();
      this.lastCount = calls;
    }
    if (calls - this.lastCount < CALLS_PER_COUNT) return;
    this.lastCount = calls;
    for (const [type, count] of inventory()) {
      this.count(calls, type, count, huntResources);
    }
    this.count(calls, LISTENERS, listeners(), huntListeners);
  }

  /** A full collection is over. */
  collected(): void {
    this.memory.collected();
  }

  /** The thread goes. */
  close(): void {
    this.counted?.hunt.end();
    this.memory.close();
  }

  private count(calls: number, what: string, value: number, hunt: (sites: LeakSites) => Hunt): void {
    let growth = this.growths.get(what);
    if (growth === undefined) {
      growth = new Growth(COUNTED);
      this.growths.set(what, growth);
    }
    const perThousand = growth.add(calls, value);
    if (perThousand === undefined || this.counted !== undefined || this.isQuiet(what)) return;
    this.counted = { what, perThousand, since: calls, hunt: hunt(this.options.sites) };
  }

  private isQuiet(what: string): boolean {
    return performance.now() < (this.quietUntil.get(what) ?? 0);
  }

  private conclude({ what, perThousand, since, hunt }: Suspicion, calls: number): void {
    const found = hunt.end();
    const served = calls - since;
    if (found === undefined || served === 0) return;
    const amount = (found.amount / served) * 1000;
    if (amount < LEAST_SHARE * perThousand) return;
    this.quietUntil.set(what, performance.now() + QUIET);
    const { plugin, where } = found.site;
    this.options.log.warn(
      `plugin ${plugin} keeps about ${Math.round(amount)} ${what} per 1000 calls, made in ${where}`,
      { plugin },
    );
  }
}

const LISTENERS = 'listeners of process';

function listeners(): number {
  return process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0);
}
