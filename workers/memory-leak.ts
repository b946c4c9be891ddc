/**
 * Memory that grows with the calls, and the plugin whose code allocates it.
 *
 *   full collections ─► what survives grows ─► allocations are sampled ─► next collection: alive now ─► the one after:
 *                                                                         grown since? ─► one line
 *
 * Two looks, since at any moment there is also memory alive that belongs to calls in flight: that stays the same.
 */
import { getHeapStatistics } from 'node:v8';
import { Growth } from './growth.ts';
import { HeapHunt, type LiveBytes } from './heap-hunt.ts';
import type { LeakWatchOptions } from './leak-watch.ts';

/** `perThousand` in bytes. */
const RULES = { readings: 4, calls: 500, perThousand: 65_536 } as const;
/** Of what the heap has grown by, so much has to come from one place before somebody is blamed; and so many bytes. */
const LEAST_SHARE = 0.4;
const LEAST_BYTES = 1_000_000;
/** What has to lie between the two looks at least. A look forces a collection itself, so it is followed by one. */
const WINDOW = { calls: 500, bytes: 8_000_000 } as const;
/** Milliseconds without another word on it. */
const QUIET = 600_000;

interface Look {
  readonly live: LiveBytes;
  readonly held: number;
  readonly calls: number;
}

export class MemoryLeak {
  private readonly options: LeakWatchOptions;
  private readonly growth = new Growth(RULES);
  private hunt: HeapHunt | undefined;
  private firstLook: Look | undefined;
  private quietUntil = 0;

  constructor(options: LeakWatchOptions) {
    this.options = options;
  }

  /** A full collection is over. */
  collected(): void {
    const calls = this.options.calls();
    const { used_heap_size: used, external_memory: external } = getHeapStatistics();
    const held = used + external;
    const suspicion = this.growth.add(calls, held);
    const { hunt, firstLook } = this;
    if (hunt === undefined) {
      if (suspicion === undefined || performance.now() < this.quietUntil) return;
      this.hunt = new HeapHunt(this.options.sites);
    } else if (firstLook === undefined) {
      this.firstLook = { live: hunt.live(), held, calls };
    } else if (calls - firstLook.calls >= WINDOW.calls && held - firstLook.held >= WINDOW.bytes) {
      this.conclude(firstLook, { live: hunt.live(), held, calls });
      this.close();
      this.growth.forget();
    }
  }

  close(): void {
    this.hunt?.end();
    this.hunt = undefined;
    this.firstLook = undefined;
  }

  private conclude(before: Look, now: Look): void {
    const calls = now.calls - before.calls;
    const grown = [...now.live]
      .map(([key, { site, bytes }]) => ({ site, bytes: bytes - (before.live.get(key)?.bytes ?? 0) }))
      .toSorted((a, b) => b.bytes - a.bytes);
    const [most] = grown;
    if (most === undefined || calls <= 0) return;
    if (most.bytes < LEAST_BYTES || most.bytes < LEAST_SHARE * (now.held - before.held)) return;
    this.quietUntil = performance.now() + QUIET;
    const { plugin, where } = most.site;
    const amount = ((most.bytes / calls) * 1000) / 1e6;
    this.options.log.warn(
      `plugin ${plugin} keeps about ${amount.toFixed(1)} MB per 1000 calls, allocated in ${where}`,
      { plugin },
    );
  }
}
