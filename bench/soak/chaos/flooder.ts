/** Bad neighbours: now and then one plugin is called far beyond what it can take. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Caller, type Scene } from './caller.ts';
import type { Called } from './question.ts';

interface Flooded extends Called {
  /** Clients that call it one call after the other, without rests. */
  readonly clients: number;
}

const answersOnly = { group: 'neighbour', mayEnd: ['right'], result: '', expected: () => ({}) } as const;

export const neighbours: readonly Flooded[] = [
  {
    ...answersOnly,
    name: 'holds',
    share: 1,
    textLength: 200,
    work: 'await new Promise((resolve) => setTimeout(resolve, 50));',
    // More than twice the places there are.
    clients: 150,
  },
  {
    ...answersOnly,
    name: 'hogs',
    share: 1,
    textLength: 200,
    isSync: true,
    work: 'const end = performance.now() + 10;\nwhile (performance.now() < end);',
    // With two workers the last of them waits 200 ms.
    clients: 40,
  },
];

const floodMs = 2000;
/** Longest pause between floods. */
const calmMs = 6000;
/** After a refusal or a failure: whoever comes again at once floods the generator, not the server. */
const refusedRestMs = 100;

export class Flooder {
  floods = 0;
  private readonly scene: Scene;
  private readonly random: () => number;

  constructor(scene: Scene, random: () => number) {
    this.scene = scene;
    this.random = random;
  }

  async run(): Promise<void> {
    const { stop } = this.scene;
    while (!stop.aborted) {
      await sleep(this.random() * calmMs, undefined, { signal: stop }).catch(() => undefined);
      const plugin = neighbours[Math.floor(this.random() * neighbours.length)];
      if (plugin === undefined || stop.aborted) return;
      this.floods += 1;
      const end = performance.now() + floodMs;
      await Promise.all(Array.from({ length: plugin.clients }, () => this.pour(plugin, end)));
    }
  }

  private async pour(plugin: Called, end: number): Promise<void> {
    const caller = new Caller(this.scene);
    while (performance.now() < end && !this.scene.stop.aborted) {
      const outcome = await caller.call(plugin);
      if (outcome === undefined) break;
      if (outcome !== 'right') await sleep(refusedRestMs);
    }
    caller.leave();
  }
}
