/** Does operations at random, on one to all plugins at a time, until told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '../load/random.ts';
import { operations } from './operations.ts';
import type { Subject } from './subject.ts';

/** Between operations, at most; in milliseconds. */
const restMs = 400;
const wheel = operations.flatMap((operation) => Array.from({ length: operation.share }, () => operation));

export class Operator {
  /** How operations ended: `good save: serves`. */
  readonly outcomes: Record<string, number> = {};
  private readonly subjects: readonly Subject[];
  private readonly random: () => number;
  private readonly stop: AbortSignal;

  constructor(subjects: readonly Subject[], random: () => number, stop: AbortSignal) {
    this.subjects = subjects;
    this.random = random;
    this.stop = stop;
  }

  get count(): number {
    return Object.values(this.outcomes).reduce((sum, times) => sum + times, 0);
  }

  /** Rejects with `Stuck` when an operation does not end as it must. */
  async run(): Promise<void> {
    while (!this.stop.aborted) {
      const chosen = this.choose();
      const ended = await Promise.all(
        chosen.map(async ({ subject, operation, random }) => {
          return `${operation.name}: ${await operation.run(subject, random)}`;
        }),
      );
      for (const outcome of ended) this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
      await sleep(this.random() * restMs);
    }
  }

  /** One plugin half of the time; otherwise several, each with an operation of its own. */
  private choose() {
    const subjects = this.shuffled();
    const several = this.random() < 0.5 ? 1 : 2 + Math.floor(this.random() * (subjects.length - 1));
    const chosen = subjects.slice(0, several).flatMap((subject) => {
      const operation = wheel[Math.floor(this.random() * wheel.length)];
      // Of its own, or how fast the operations are would decide about the next ones.
      const random = seededRandom(Math.floor(this.random() * 2 ** 32));
      return operation === undefined ? [] : [{ subject, operation, random }];
    });
    const alone = chosen.find(({ operation }) => operation.isAlone === true);
    return alone === undefined ? chosen : [alone];
  }

  private shuffled(): readonly Subject[] {
    const dealt = this.subjects.map((subject) => ({ subject, card: this.random() }));
    return dealt.toSorted((a, b) => a.card - b.card).map(({ subject }) => subject);
  }
}
