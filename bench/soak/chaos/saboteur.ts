/** Calls the plugins that go wrong: one after the other in an order of chance, sometimes many times at once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Caller, type Scene } from './caller.ts';
import { type Fault, faults } from './faults.ts';

/** Share of the faults that come in a burst. */
const burstShare = 1 / 6;
/** Enough calls to open a circuit; and as many as there are workers. */
const harmlessBurst = 25;
const lethalBurst = 2;

export class Saboteur {
  /** Calls by fault. */
  readonly injected: Record<string, number> = {};
  private readonly scene: Scene;
  private readonly random: () => number;
  /** Mean time between two faults, in milliseconds. */
  private readonly everyMs: number;
  private readonly calls = new Set<Promise<unknown>>();

  constructor(scene: Scene, random: () => number, everyMs: number) {
    this.scene = scene;
    this.random = random;
    this.everyMs = everyMs;
  }

  get count(): number {
    return Object.values(this.injected).reduce((sum, times) => sum + times, 0);
  }

  /** Resolves when the last of the calls has been answered. */
  async run(): Promise<void> {
    const { stop } = this.scene;
    let deck: readonly Fault[] = [];
    while (!stop.aborted) {
      await sleep(this.everyMs * (0.5 + this.random()), undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) break;
      if (deck.length === 0) deck = this.shuffled();
      const [fault, ...rest] = deck;
      deck = rest;
      if (fault !== undefined) this.inject(fault);
    }
    await Promise.all(this.calls);
  }

  private inject(fault: Fault): void {
    const isBurst = this.random() < burstShare;
    const times = isBurst ? (fault.isLethal ? lethalBurst : harmlessBurst) : 1;
    this.injected[fault.name] = (this.injected[fault.name] ?? 0) + times;
    for (let call = 0; call < times; call += 1) {
      const caller = new Caller(this.scene);
      const ended = caller.call(fault).then(() => {
        caller.leave();
        this.calls.delete(ended);
      });
      this.calls.add(ended);
    }
  }

  private shuffled(): readonly Fault[] {
    const dealt = faults.map((fault) => ({ fault, card: this.random() }));
    return dealt.toSorted((a, b) => a.card - b.card).map(({ fault }) => fault);
  }
}
