/**
 * Keeps a crash loop from eating the machine: when most thread starts fail, no further start is tried for
 * a while, then one.
 */
import { Circuit, type CircuitRules, REFUSED } from '../circuit/circuit.ts';

const RULES: CircuitRules = { failurePercent: 50, windowMs: 30_000, minCalls: 4, pauseMs: 5_000 };

export class StartGuard {
  private readonly circuit: Circuit;

  /**
   * `onRetry` is called when one start may be tried again, and when that one has succeeded; `onPause` when
   * starts are withheld, with the time in ms.
   */
  constructor(onRetry: () => void, onPause: (ms: number) => void) {
    this.circuit = new Circuit(RULES, (state) => {
      if (state === 'open') onPause(RULES.pauseMs);
      else onRetry();
    });
  }

  /** False while starts are withheld, and while the one after a pause has not shown how it ends. */
  get allows(): boolean {
    return this.circuit.mayEnter;
  }

  /** Runs one start; its success or failure is counted. Rejects as `start` does, or at once while withheld. */
  async attempt(start: () => Promise<void>): Promise<void> {
    const ticket = this.circuit.enter();
    if (ticket === REFUSED) throw new Error('too many starts have failed; the next one is tried later');
    try {
      await start();
    } catch (error) {
      this.circuit.failed(ticket);
      throw error;
    }
    this.circuit.succeeded(ticket);
  }

  close(): void {
    this.circuit.close();
  }
}
