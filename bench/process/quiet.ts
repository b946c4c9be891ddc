/** Waits for other programs to leave the machine alone: a compiler run beside a measurement spoils it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { busyCpuSeconds } from './machine-cpu.ts';

const lookMs = 200;
/** Busy cores up to which the machine counts as quiet. */
const quietCores = 0.2;

export class QuietGate {
  private budgetMs: number;

  /** `budgetMs`: how long all waits together may take; a machine that is never quiet must not stop the run. */
  constructor(budgetMs: number) {
    this.budgetMs = budgetMs;
  }

  /** Resolves when the machine was quiet for a moment, or when the budget is used up. */
  async pass(): Promise<void> {
    while (this.budgetMs > 0) {
      const before = { busy: busyCpuSeconds(), at: performance.now() };
      await sleep(lookMs);
      const elapsedMs = performance.now() - before.at;
      const cores = (busyCpuSeconds() - before.busy) / (elapsedMs / 1000);
      if (cores <= quietCores) return;
      this.budgetMs -= elapsedMs;
    }
  }
}
